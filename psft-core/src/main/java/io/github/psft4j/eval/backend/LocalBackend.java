package io.github.psft4j.eval.backend;

import io.github.psft4j.eval.task.EvalPrompt;
import io.github.psft4j.eval.task.GenerationSettings;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.ChatTemplateException;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationResult;
import io.github.psft4j.transformer.generation.GenerationResult.Finish;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** A model in this process. */
public final class LocalBackend implements Backend {

    private final CausalLm model;
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final Map<String, String> identity;
    private final int batch;

    /**
     * @param template null for a model without
     * @param identity what is told of the model beside its template; see {@link Backend#identity}
     * @param batch sequences at a time, &gt;= 1
     * @throws RefusedException if the model has no tokenizer
     */
    public LocalBackend(CausalLm model, ChatTemplate template, Map<String, String> identity, int batch) {
        if (batch < 1) {
            throw new IllegalArgumentException("the batch must be 1 or more, was " + batch);
        }
        if (model.tokenizer() == null) {
            throw new RefusedException(
                    "evaluation tasks are texts, and the model has no tokenizer.json; add it to the model's directory");
        }
        this.model = model;
        this.tokenizer = model.tokenizer();
        this.template = template;
        this.batch = batch;
        this.identity = new LinkedHashMap<>(identity);
        this.identity.put("chat_template", template == null ? "none" : template.fingerprint());
        this.identity.put("tokenizer", tokenizer.fingerprint());
        this.identity.put("precision", model.precision().name().toLowerCase(Locale.ROOT));
        this.identity.put("batch", String.valueOf(batch));
    }

    @Override
    public boolean chats() {
        return template != null;
    }

    @Override
    public Map<String, String> identity() {
        return Collections.unmodifiableMap(identity);
    }

    @Override
    public void complete(
            List<CompletionRequest> requests, GenerationSettings settings, BiConsumer<Integer, List<Completion>> done) {
        GenerationConfig config = config(settings);
        List<Integer> waiting = new ArrayList<>();
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            int[] ids = ids(requests.get(i).prompt());
            String fault = fault(ids.length);
            if (fault != null) {
                done.accept(i, Collections.nCopies(requests.get(i).seeds().length, Completion.failed(fault)));
            } else {
                waiting.add(i);
                prompts.add(ids);
            }
            boolean last = i == requests.size() - 1;
            if (!waiting.isEmpty() && (last || waiting.size() >= Math.max(1, batch / settings.samples()))) {
                run(requests, waiting, prompts, config, done);
                waiting.clear();
                prompts.clear();
            }
        }
    }

    private void run(
            List<CompletionRequest> requests,
            List<Integer> waiting,
            List<int[]> prompts,
            GenerationConfig config,
            BiConsumer<Integer, List<Completion>> done) {
        List<long[]> seeds = waiting.stream().map(i -> requests.get(i).seeds()).toList();
        List<GenerationResult> results =
                config.temperature() == 0 ? model.generate(prompts, config) : model.sample(prompts, seeds, config);
        int next = 0;
        for (int i : waiting) {
            List<Completion> own = new ArrayList<>();
            for (int s = 0; s < requests.get(i).seeds().length; s++) {
                own.add(completion(results.get(next++)));
            }
            done.accept(i, own);
        }
    }

    private static Completion completion(GenerationResult result) {
        String finish = result.finish() == Finish.LENGTH ? Completion.LENGTH : Completion.STOP;
        return new Completion(result.text(), finish, result.logProbs().length, null);
    }

    private GenerationConfig config(GenerationSettings settings) {
        Set<Integer> named = model.endOfSequenceIds();
        Set<Integer> ends = named.isEmpty() ? tokenizer.stopTokenIds() : named;
        return GenerationConfig.builder()
                .maxNewTokens(settings.maxTokens())
                .temperature(settings.temperature())
                .topP(settings.topP())
                .topK(settings.topK())
                .minP(settings.minP())
                .stopStrings(settings.stop().toArray(String[]::new))
                .stopIds(ends.stream().mapToInt(Integer::intValue).toArray())
                .build();
    }

    private int[] ids(EvalPrompt prompt) {
        return prompt.isChat() ? tokenizer.encode(rendered(prompt), false) : tokenizer.encode(prompt.text());
    }

    private String rendered(EvalPrompt prompt) {
        if (template == null) {
            throw new RefusedException("prompt.form: chat needs a chat template, and the model has none; set"
                    + " prompt.form: text, or name a template (--chat-template)");
        }
        try {
            return template.render(prompt.messages(), true).text();
        } catch (ChatTemplateException e) {
            throw new RefusedException("the chat template refuses the prompt: " + e.getMessage(), e);
        }
    }

    private String fault(int tokens) {
        int most = model.config().longestSequence();
        return tokens == 0
                ? "the prompt has no token"
                : tokens < most ? null : "the prompt has " + tokens + " tokens, the model takes " + most;
    }

    @Override
    public void rate(List<RatingRequest> requests, BiConsumer<Integer, List<LogLikelihood>> done) {
        new LocalRatings(model, batch).rate(requests, this::pairs, done);
    }

    /** Ids of prompt and continuation, tokenised as one text, and how many of them are the prompt's. */
    private TokenPair pairs(EvalPrompt prompt, String continuation) {
        boolean chat = prompt.isChat();
        String context = chat ? rendered(prompt) : prompt.text();
        String kept = context.stripTrailing();
        int[] whole = tokenizer.encode(context + continuation, !chat);
        int[] front = tokenizer.encode(chat ? context : kept, !chat);
        return front.length > 0 || whole.length == 0
                ? new TokenPair(whole, front.length)
                : new TokenPair(LocalRatings.behind(tokenizer, whole), 1);
    }

    @Override
    public void rateTexts(List<String> texts, BiConsumer<Integer, LogLikelihood> done) {
        new LocalRatings(model, batch).rateTexts(texts, done);
    }

    @Override
    public void close() {
        // the model belongs to the caller
    }
}
