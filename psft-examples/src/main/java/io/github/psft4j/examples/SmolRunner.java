package io.github.psft4j.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.eval.TokenScores;
import io.github.psft4j.examples.experiment.run.SmolResult;
import io.github.psft4j.examples.experiment.run.SmolTrial;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.io.Shown;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Makes the runs of the second bed: fine-tunes SmolLM2 on GSM8K and measures what it learned and what it lost. */
final class SmolRunner {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Sequences of a forward pass when texts are scored. */
    private static final int SCORING_BATCH = 8;

    /** Most tokens of a row that several demonstrations share. */
    private static final int ROW = 512;

    /** Draws the base model's answers, whatever the seed of a run. */
    private static final long ANSWER_SEED = 999;

    /** Steps between two lines of progress. */
    private static final int REPORT = 10;

    private static final double UNIT = 1e-4;

    private final Path directory;
    private final ChatTemplate template;
    private final List<Demonstration> train;
    private final List<Demonstration> heldOut;
    private final List<Demonstration> chats;
    private final List<Demonstration> answers; // of the base model to the prompts of the chats
    private final List<Demonstration> choices; // four of each question
    private final int[] right; // index of the right choice, by question
    private final List<TokenScores> base; // of answers
    private final List<int[]> questions; // that are answered by sampling

    /**
     * @param directory of the model
     * @param data directory with train.jsonl and test.jsonl of GSM8K
     */
    SmolRunner(Path directory, Path data) throws IOException {
        this.directory = directory;
        template = ChatTemplate.load(directory);
        CausalLm model = load();
        train = gsm8k(model, data.resolve("train.jsonl"), SmolTrial.ROWS);
        heldOut = gsm8k(model, data.resolve("test.jsonl"), SmolTrial.HELD_OUT);
        List<JsonNode> general = resource("general/chats.jsonl");
        chats = general.stream()
                .map(row -> chat(model, text(row, "prompt"), text(row, "answer")))
                .toList();
        List<JsonNode> items = resource("general/choices.jsonl");
        choices = items.stream()
                .flatMap(item -> IntStream.range(0, item.get("choices").size())
                        .mapToObj(i -> choice(
                                model,
                                text(item, "question"),
                                item.get("choices").get(i).asText())))
                .toList();
        right = items.stream().mapToInt(item -> item.get("answer").asInt()).toArray();
        answers = sampled(
                model,
                general.stream().map(row -> prompt(model, text(row, "prompt"))).toList(),
                ANSWER_SEED);
        base = new Scorer(model, SCORING_BATCH).score(answers);
        questions = heldOut.subList(0, SmolTrial.SAMPLES).stream()
                .map(SmolRunner::promptOf)
                .toList();
    }

    private CausalLm load() {
        CausalLm model = CausalLm.load(directory);
        model.setPrecision(Precision.BF16);
        return model;
    }

    /** Runs a trial with a seed, which decides the order and the samples. */
    SmolResult run(SmolTrial trial, long seed) {
        long started = System.nanoTime();
        CausalLm model = load();
        List<StepMetrics> steps = new ArrayList<>();
        if (trial.method() != null) {
            fit(model, trial, seed, steps);
        }
        Map<String, double[]> rows = measured(model, seed);
        return new SmolResult(
                seed,
                Math.round(10 * (System.nanoTime() - started) / 1e9) / 10.0,
                rows,
                Map.of(
                        "gradNorm", curve(steps, StepMetrics::gradNorm),
                        "nll", curve(steps, StepMetrics::nll),
                        "entropy", curve(steps, StepMetrics::entropy),
                        "clip", curve(steps, StepMetrics::clipFraction)));
    }

    private void fit(CausalLm model, SmolTrial trial, long seed, List<StepMetrics> steps) {
        Trial settings = trial.method() == Trial.Method.SFT ? Trial.sft(trial.rate()) : Trial.psft(trial.rate());
        PsftTrainer.builder(model)
                .objective(settings.objective())
                .macroBatch(SmolTrial.MINI * SmolTrial.K)
                .miniBatch(SmolTrial.MINI)
                .packing(ROW)
                .learningRate(trial.rate())
                .warmupSteps(0)
                .weightDecay(QuickstartOptions.WEIGHT_DECAY)
                .maxGradNorm(QuickstartOptions.MAX_GRAD_NORM)
                .precision(Precision.BF16)
                .epochs(SmolTrial.EPOCHS)
                .seed(seed)
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics metrics) {
                        steps.add(metrics);
                        if (metrics.step() % REPORT == 0) {
                            System.out.println(
                                    Shown.format("%s: step %d, NLL %.3f", trial.id(), metrics.step(), metrics.nll()));
                        }
                    }
                })
                .build()
                .fit(train);
    }

    private Map<String, double[]> measured(CausalLm model, long seed) {
        Scorer scorer = new Scorer(model, SCORING_BATCH);
        List<Demonstration> own = sampled(model, questions, seed);
        List<TokenScores> ownScores = scorer.score(own);
        List<TokenScores> answered = scorer.score(answers);
        return Map.of(
                "nll", nll(heldOut, scorer.score(heldOut)),
                "chats", nll(chats, scorer.score(chats)),
                "kl", overTrained(answers, (i, t) -> divergence(base.get(i), answered.get(i), t)),
                "choices", taken(scorer.logLikelihoods(choices)),
                "entropy", overTrained(own, (i, t) -> ownScores.get(i).entropies()[t]));
    }

    /** An estimate of KL(base | model) at a token that the base model drew. */
    private static double divergence(TokenScores base, TokenScores model, int t) {
        double logRatio = model.logProbs()[t] - base.logProbs()[t];
        return Math.expm1(logRatio) - logRatio;
    }

    private static double[] nll(List<Demonstration> texts, List<TokenScores> scores) {
        return overTrained(texts, (i, t) -> -scores.get(i).logProbs()[t]);
    }

    private double[] taken(double[] logLikelihoods) {
        int each = logLikelihoods.length / right.length;
        double[] out = new double[right.length];
        for (int q = 0; q < out.length; q++) {
            int best = q * each;
            for (int i = best; i < (q + 1) * each; i++) {
                best = logLikelihoods[i] > logLikelihoods[best] ? i : best;
            }
            out[q] = best == q * each + right[q] ? 1 : 0;
        }
        return out;
    }

    /** Numbers whose mean over the texts is the mean over all trained tokens. */
    private static double[] overTrained(List<Demonstration> texts, TokenQuantity quantity) {
        double[] sums = new double[texts.size()];
        double tokens = 0;
        for (int i = 0; i < sums.length; i++) {
            boolean[] trained = texts.get(i).lossMask(); // [tokens]
            for (int t = 0; t < trained.length - 1; t++) {
                if (trained[t + 1]) {
                    sums[i] += quantity.at(i, t);
                    tokens++;
                }
            }
        }
        double meanTokens = tokens / sums.length;
        return Arrays.stream(sums)
                .map(sum -> Math.round(1e6 * sum / meanTokens) / 1e6)
                .toArray();
    }

    private List<Demonstration> sampled(CausalLm model, List<int[]> prompts, long seed) {
        int[] ends = model.endOfSequenceIds().stream().mapToInt(id -> id).toArray();
        List<GenerationResult> results =
                model.generate(prompts, GenerationConfig.sample(SmolTrial.SAMPLED_TOKENS, 1.0, seed, ends));
        return IntStream.range(0, prompts.size())
                .mapToObj(i -> Demonstration.of(prompts.get(i), results.get(i).newTokens()))
                .toList();
    }

    /** The first rows that are not too long. */
    private List<Demonstration> gsm8k(CausalLm model, Path file, int count) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file)) {
            return parsed(in).stream()
                    .map(row -> chat(model, text(row, "question"), text(row, "answer")))
                    .filter(row -> row.length() <= SmolTrial.LONGEST)
                    .limit(count)
                    .toList();
        }
    }

    /** What comes before the trained tokens. */
    private static int[] promptOf(Demonstration row) {
        int length = 0;
        while (!row.lossMask()[length]) {
            length++;
        }
        return Arrays.copyOf(row.tokens(), length);
    }

    private int[] prompt(CausalLm model, String user) {
        String text = template.render(List.of(Map.of("role", "user", "content", user)), true)
                .text();
        return model.tokenizer().encode(text, false);
    }

    private Demonstration chat(CausalLm model, String user, String answer) {
        int end = model.endOfSequenceIds().iterator().next();
        return Demonstration.of(prompt(model, user), model.tokenizer().encode(answer, false), end);
    }

    private static Demonstration choice(CausalLm model, String question, String choice) {
        return Demonstration.of(
                model.tokenizer().encode("Question: " + question + "\nAnswer:", false),
                model.tokenizer().encode(" " + choice, false));
    }

    private static int[] curve(List<StepMetrics> steps, ToDoubleFunction<StepMetrics> value) {
        return steps.stream()
                .mapToInt(step -> (int) Math.round(value.applyAsDouble(step) / UNIT))
                .toArray();
    }

    private static String text(JsonNode row, String field) {
        return row.get(field).asText();
    }

    private static List<JsonNode> resource(String name) throws IOException {
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(SmolRunner.class.getResourceAsStream(name), StandardCharsets.UTF_8))) {
            return parsed(in);
        }
    }

    private static List<JsonNode> parsed(BufferedReader in) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            rows.add(JSON.readTree(line));
        }
        return rows;
    }

    private interface TokenQuantity {
        double at(int text, int position);
    }
}
