package io.github.psft4j.eval.backend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.eval.task.EvalPrompt;
import io.github.psft4j.eval.task.GenerationSettings;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * An endpoint of OpenAI's form: {@code /completions} for texts, {@code /chat/completions} for conversations. Texts are
 * rated through {@code /completions} with {@code echo} and {@code logprobs}.
 */
public final class OpenAiBackend implements Backend {

    private final OpenAiClient client;
    private final String model;
    private final boolean chats;
    private final Requests requests;

    /**
     * An endpoint.
     *
     * @param base address up to and with {@code /v1}
     * @param model its name there; null for the only one that the endpoint has
     * @param key sent as {@code Authorization: Bearer}; null for none
     * @param chats whether the prompt form {@code auto} means a conversation
     * @param concurrent requests at the same time, &gt;= 1
     * @param limit longest time of one request
     * @param retries further attempts while it is away or busy
     * @throws RefusedException if it does not answer, or model is null and it has several
     */
    public static OpenAiBackend connect(
            String base, String model, String key, boolean chats, int concurrent, Duration limit, int retries) {
        OpenAiClient client = new OpenAiClient(base, key, retries, limit);
        return new OpenAiBackend(client, model == null ? only(client) : model, chats, concurrent);
    }

    private OpenAiBackend(OpenAiClient client, String model, boolean chats, int concurrent) {
        this.client = client;
        this.model = model;
        this.chats = chats;
        this.requests = new Requests(concurrent);
    }

    private static String only(OpenAiClient client) {
        try {
            List<String> names = new ArrayList<>();
            client.get("/models")
                    .path("data")
                    .forEach(each -> names.add(each.path("id").asText()));
            if (names.size() != 1) {
                throw new RefusedException(
                        client.base() + " has the models " + Shown.few(names) + "; name one (--model)");
            }
            return names.get(0);
        } catch (IOException e) {
            throw new RefusedException("cannot ask " + client.base() + " for its models: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException("interrupted while waiting for " + client.base(), e);
        }
    }

    @Override
    public boolean chats() {
        return chats;
    }

    @Override
    public Map<String, String> identity() {
        Map<String, String> out = new LinkedHashMap<>();
        out.put("model", model);
        out.put("endpoint", client.base());
        return out;
    }

    @Override
    public void complete(
            List<CompletionRequest> wanted, GenerationSettings settings, BiConsumer<Integer, List<Completion>> done) {
        int samples = settings.samples();
        Completion[][] all = new Completion[wanted.size()][samples];
        int[] missing = new int[wanted.size()];
        Arrays.fill(missing, samples);
        requests.run(
                wanted.size() * samples,
                i -> {
                    CompletionRequest request = wanted.get(i / samples);
                    return completion(request.prompt(), request.seeds()[i % samples], settings);
                },
                error -> Completion.failed(error),
                (i, completion) -> {
                    int question = i / samples;
                    all[question][i % samples] = completion;
                    if (--missing[question] == 0) {
                        done.accept(question, List.of(all[question]));
                        all[question] = null;
                    }
                });
    }

    private Completion completion(EvalPrompt prompt, long seed, GenerationSettings settings)
            throws IOException, InterruptedException {
        ObjectNode body = body(prompt);
        body.put("max_tokens", settings.maxTokens());
        body.put("temperature", settings.temperature());
        body.put("top_p", settings.topP());
        body.put("seed", seed);
        if (settings.topK() > 0) { // these two are no fields of OpenAI, whose server refuses them
            body.put("top_k", settings.topK());
        }
        if (settings.minP() > 0) {
            body.put("min_p", settings.minP());
        }
        if (!settings.stop().isEmpty()) {
            settings.stop().forEach(body.putArray("stop")::add);
        }
        JsonNode answer = client.post(prompt.isChat() ? "/chat/completions" : "/completions", body);
        JsonNode choice = answer.path("choices").path(0);
        JsonNode text = prompt.isChat() ? choice.path("message").path("content") : choice.path("text");
        if (!text.isTextual()) {
            throw new IOException(client.base() + " answered without a text: " + Shown.wide(answer));
        }
        int tokens = answer.path("usage").path("completion_tokens").asInt(-1);
        return new Completion(text.textValue(), choice.path("finish_reason").asText("unknown"), tokens, null);
    }

    private ObjectNode body(EvalPrompt prompt) {
        ObjectNode body = OpenAiClient.JSON.createObjectNode();
        body.put("model", model);
        if (prompt.isChat()) {
            body.set("messages", OpenAiClient.JSON.valueToTree(prompt.messages()));
        } else {
            body.put("prompt", prompt.text());
        }
        return body;
    }

    @Override
    public void rate(List<RatingRequest> wanted, BiConsumer<Integer, List<LogLikelihood>> done) {
        requests.run(
                wanted.size(),
                i -> ratings(wanted.get(i)),
                error -> List.of(LogLikelihood.failed(error)),
                (i, ratings) -> {
                    int n = wanted.get(i).continuations().size();
                    boolean failed = ratings.size() < n;
                    done.accept(i, failed ? Collections.nCopies(n, ratings.get(0)) : ratings);
                });
    }

    private List<LogLikelihood> ratings(RatingRequest request) throws IOException, InterruptedException {
        if (request.prompt().isChat()) {
            throw new RefusedException("an endpoint does not rate answers in a conversation (/chat/completions has no"
                    + " echo); set prompt.form: text");
        }
        // Space at the end of a prompt belongs to the token behind it.
        String front = request.prompt().text().stripTrailing();
        int tokens = front.isEmpty() ? 0 : promptTokens(rate(front, false));
        List<LogLikelihood> out = new ArrayList<>();
        for (String continuation : request.continuations()) {
            out.add(rating(rate(request.prompt().text() + continuation, true), tokens));
        }
        return out;
    }

    private JsonNode rate(String text, boolean echo) throws IOException, InterruptedException {
        ObjectNode body = body(new EvalPrompt(null, text));
        body.put("max_tokens", 1); // not every server takes 0
        body.put("temperature", 0);
        if (echo) {
            body.put("logprobs", 1);
            body.put("echo", true);
        }
        return client.post("/completions", body);
    }

    /** Tokens are counted, because offsets in characters differ between servers where a token is part of one. */
    private int promptTokens(JsonNode answer) throws IOException {
        int tokens = answer.path("usage").path("prompt_tokens").asInt(-1);
        if (tokens < 0) {
            throw new IOException(client.base() + " answered without usage.prompt_tokens: " + Shown.wide(answer));
        }
        return tokens;
    }

    /** The log-prob of the tokens of a text from one on. */
    private LogLikelihood rating(JsonNode answer, int from) throws IOException {
        JsonNode values = answer.path("choices").path(0).path("logprobs").path("token_logprobs");
        int end = promptTokens(answer);
        if (values.size() < end) {
            throw new IOException(client.base() + " does not rate texts: its answer to echo and logprobs has "
                    + values.size() + " token_logprobs for " + end + " tokens: " + Shown.wide(answer));
        }
        double sum = 0;
        int tokens = 0;
        for (int t = from; t < end; t++) {
            if (values.get(t).isNumber()) { // the first token of a text has none
                sum += values.get(t).doubleValue();
                tokens++;
            }
        }
        return tokens == 0
                ? LogLikelihood.failed("the endpoint rates no token of the continuation")
                : new LogLikelihood(sum, tokens, null);
    }

    @Override
    public void rateTexts(List<String> texts, BiConsumer<Integer, LogLikelihood> done) {
        requests.run(texts.size(), i -> rating(rate(texts.get(i), true), 0), LogLikelihood::failed, done::accept);
    }

    @Override
    public void close() {
        requests.close();
    }
}
