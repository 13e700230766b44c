package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.losses.preference.DpoObjective;
import io.github.psft4j.losses.preference.OrpoObjective;
import io.github.psft4j.losses.preference.SimpoObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TokenListener;
import io.github.psft4j.train.TrainedTokens;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.optimizer.DecayScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Trajectories of training on pairs against float64 and TRL, through the source, the trainer and the command. System
 * property {@code psft.golden.rl} names another folder of such files; its README says how they were made and which
 * distances to ask for.
 */
class PreferenceGoldenTest {

    private static final double STEP = 5e-5; // |a - b| / max(1, |b|), in FLOAT
    private static final double EXACT = 1e-6; // the same in DOUBLE, where the log-probs of the reference are FLOAT
    private static final double WEIGHT = 2e-4;
    private static final double KEY_BIAS = 5e-4;
    private static final double NEARLY_EQUAL = 1e-4; // rewards
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> MEASURES =
            List.of("rewards_chosen", "rewards_rejected", "margin", "logps_chosen", "logps_rejected");

    @TempDir
    Path dir;

    /** What a run shows: metrics, and per step the loss of every pair and minus the coefficient of every sequence. */
    private record Run(CausalLm model, List<StepMetrics> steps, List<double[]> losses, List<double[]> slopes) {}

    static Stream<String> variants() throws IOException {
        Iterable<String> names = () -> {
            try {
                return GoldenPairs.read().parameters().get("variants").fieldNames();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        return StreamSupport.stream(names.spliterator(), false);
    }

    private static TokenObjective objective(JsonNode entry) {
        double beta = entry.get("beta").doubleValue();
        double smoothing = entry.path("label_smoothing").asDouble(0);
        String loss = entry.get("loss").textValue();
        return switch (loss) {
            case "simpo" -> new SimpoObjective(beta, entry.get("gamma").doubleValue());
            case "orpo" -> new OrpoObjective(beta);
            case "sigmoid" ->
                new DpoObjective(
                        beta,
                        smoothing,
                        smoothing > 0 ? DpoObjective.Variant.CONSERVATIVE : DpoObjective.Variant.SIGMOID);
            default -> new DpoObjective(beta, smoothing, DpoObjective.Variant.valueOf(loss.toUpperCase(Locale.ROOT)));
        };
    }

    /** Sums over the tokens of each sequence of a step, in the order of the data. */
    private static final class Sums implements TokenListener {
        private final GoldenPairs golden;
        private final int perStep;
        private final List<double[]> losses = new ArrayList<>();
        private final List<double[]> slopes = new ArrayList<>();
        private Map<Integer, double[]> step = new HashMap<>(); // place in the step to loss and slope

        Sums(GoldenPairs golden, int perStep) {
            this.golden = golden;
            this.perStep = perStep;
        }

        @Override
        public void onTokens(TrainedTokens tokens) {
            int from = losses.size() * perStep;
            for (int t = 0; t < tokens.size(); t++) {
                int place = place(tokens, t, from);
                double[] sums = step.computeIfAbsent(place, k -> new double[2]);
                sums[0] += tokens.loss(t);
                sums[1] = -tokens.coefficient(t) / (perStep / 2.0);
            }
        }

        private int place(TrainedTokens tokens, int t, int from) {
            for (int i = 0; i < perStep; i++) {
                if (golden.sequences()
                        .get((from + i) % golden.sequences().size())
                        .equals(tokens.demonstration(t))) {
                    return i;
                }
            }
            throw new AssertionError("a sequence of another step");
        }

        @Override
        public void onStep(StepMetrics metrics) {
            double[] loss = new double[perStep / 2];
            double[] slope = new double[perStep];
            step.forEach((place, sums) -> {
                loss[place / 2] += sums[0];
                slope[place] = sums[1];
            });
            losses.add(loss);
            slopes.add(slope);
            step = new HashMap<>();
        }
    }

    private static Run train(GoldenPairs golden, JsonNode entry, UnaryOperator<TrainerBuilder> settings) {
        return train(golden, entry, DataType.FLOAT, settings);
    }

    private static Run train(
            GoldenPairs golden, JsonNode entry, DataType type, UnaryOperator<TrainerBuilder> settings) {
        JsonNode optimizer = golden.parameters().get("optimizer");
        int perStep = 2 * golden.parameters().get("batch").intValue();
        CausalLm model = CausalLm.load(golden.model(), type);
        Sums sums = new Sums(golden, perStep);
        List<StepMetrics> steps = new ArrayList<>();
        TrainerBuilder builder = PsftTrainer.builder(model)
                .objective(objective(entry))
                .macroBatch(perStep)
                .miniBatch(perStep)
                .shuffle(false)
                .maxSteps(entry.get("steps").size())
                .learningRate(optimizer.get("lr").doubleValue())
                .betas(
                        optimizer.get("betas").get(0).doubleValue(),
                        optimizer.get("betas").get(1).doubleValue())
                .adamEpsilon(optimizer.get("eps").doubleValue())
                .weightDecay(optimizer.get("weight_decay").doubleValue())
                .decayScope(
                        DecayScope.valueOf(optimizer.get("decay").textValue().toUpperCase(Locale.ROOT)))
                .maxGradNorm(optimizer.get("max_grad_norm").doubleValue())
                .warmupSteps(optimizer.get("warmup").intValue())
                .listener(sums)
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics metrics) {
                        steps.add(metrics);
                    }
                });
        settings.apply(builder)
                .build()
                .fit(golden.unrolled(entry.get("steps").size()).sequences());
        return new Run(model, steps, sums.losses, sums.slopes);
    }

    private static void close(double expected, double actual, double tolerance, String what) {
        assertEquals(expected, actual, tolerance * Math.max(1, Math.abs(expected)), what);
    }

    @ParameterizedTest
    @MethodSource("variants")
    void everyStepOfATrajectoryIsThatOfTheReference(String variant) throws IOException {
        trajectory(variant, DataType.DOUBLE, EXACT);
        trajectory(variant, DataType.FLOAT, STEP);
    }

    private static void trajectory(String variant, DataType type, double tolerance) throws IOException {
        GoldenPairs golden = GoldenPairs.read();
        JsonNode entry = golden.parameters().get("variants").get(variant);
        Run run = train(golden, entry, type, UnaryOperator.identity());
        assertEquals(entry.get("steps").size(), run.steps.size());
        for (int k = 0; k < run.steps.size(); k++) {
            JsonNode wanted = entry.get("steps").get(k);
            StepMetrics step = run.steps.get(k);
            String where = variant + ", step " + (k + 1) + ": ";
            close(wanted.get("loss").doubleValue(), step.loss(), tolerance, where + "loss");
            close(wanted.get("entropy").doubleValue(), step.entropy(), tolerance, where + "entropy");
            close(wanted.get("grad_norm").doubleValue(), step.gradNorm(), tolerance, where + "grad_norm");
            assertEquals(wanted.get("lr").doubleValue(), step.lr(), 1e-12, where + "lr");
            for (String name : MEASURES) {
                close(wanted.get(name).doubleValue(), step.measure(name), tolerance, where + name);
            }
            // IPO squares sums: a pair's loss has 3e-5 to 6e-5 of FLOAT's rounding. Its derivative, the sum, is held.
            if (type == DataType.DOUBLE || !variant.equals("ipo")) {
                arrays(wanted.get("pair_loss"), run.losses.get(k), tolerance, where + "pair_loss");
            }
            arrays(wanted.get("d_loss_d_logps"), run.slopes.get(k), tolerance, where + "d_loss_d_logps");
            double accuracy = wanted.get("accuracy").doubleValue();
            boolean tied = Math.abs(wanted.get("margin").doubleValue()) < NEARLY_EQUAL;
            assertEquals(accuracy, step.measure("accuracy"), tied ? 1 : 1e-9, where + "accuracy");
        }
        finalWeights(golden, variant, run.model);
    }

    private static void arrays(JsonNode expected, double[] actual, double tolerance, String what) {
        double[] wanted = GoldenPairs.numbers(expected);
        assertEquals(wanted.length, actual.length, what);
        for (int i = 0; i < wanted.length; i++) {
            close(wanted[i], actual[i], tolerance, what + " " + i);
        }
    }

    private static void finalWeights(GoldenPairs golden, String variant, CausalLm model) {
        String prefix = "final." + variant + ".";
        Map<String, INDArray> weights = model.tensors(model.graph().params());
        int compared = 0;
        try (SafetensorsReader file = SafetensorsReader.open(golden.folder().resolve("dpo.safetensors"))) {
            for (String name : file.names()) {
                if (name.startsWith(prefix)) {
                    double tolerance = name.endsWith("k_proj.bias") ? KEY_BIAS : WEIGHT;
                    double[] wanted = file.readDoubles(name);
                    INDArray trained = weights.get(name.substring(prefix.length()));
                    double[] actual = trained.dup('c').reshape(trained.length()).toDoubleVector();
                    for (int i = 0; i < wanted.length; i++) {
                        assertEquals(wanted[i], actual[i], tolerance, name + " " + i);
                    }
                    compared++;
                }
            }
        }
        assertTrue(compared > 0, "no final weights of " + variant);
    }

    /** Pairs cut into micro-batches of one, packed and sorted by length: the same run but for rounding. */
    @ParameterizedTest
    @MethodSource("variants")
    void anyCutIntoMicroBatchesGivesTheSameGradient(String variant) throws IOException {
        GoldenPairs golden = GoldenPairs.read();
        JsonNode entry = golden.parameters().get("variants").get(variant);
        int longest =
                golden.sequences().stream().mapToInt(d -> d.length()).max().orElseThrow();
        Run whole = train(golden, entry, b -> b.maxSteps(2));
        List<UnaryOperator<TrainerBuilder>> cuts = List.of(
                b -> b.maxSteps(2).microBatch(2),
                b -> b.maxSteps(2).microBatch(4).lengthGrouping(true),
                b -> b.maxSteps(2).packing(3 * longest),
                b -> b.maxSteps(2).microBatch(2).packing(longest));
        for (UnaryOperator<TrainerBuilder> cut : cuts) {
            Run other = train(golden, entry, cut);
            for (int k = 0; k < 2; k++) {
                close(whole.steps.get(k).gradNorm(), other.steps.get(k).gradNorm(), 1e-5, variant + " norm");
                close(whole.steps.get(k).loss(), other.steps.get(k).loss(), 1e-5, variant + " loss");
                for (String name : MEASURES) {
                    close(whole.steps.get(k).measure(name), other.steps.get(k).measure(name), 1e-5, name);
                }
            }
        }
    }

    /** The command on text, whose tokens are those of the golden file, writes the same numbers to metrics.jsonl. */
    @ParameterizedTest
    @MethodSource("variants")
    void theCommandTrainsThePairsOfAFile(String variant) throws IOException {
        GoldenPairs golden = GoldenPairs.read();
        JsonNode entry = golden.parameters().get("variants").get(variant);
        int vocabulary = CausalLm.load(golden.model()).config().vocabSize();
        Path model = golden.modelWithWords(dir.resolve("model"), vocabulary);
        Path data = golden.unrolled(entry.get("steps").size()).rows(dir.resolve("pairs.jsonl"));
        Path run = dir.resolve("run");
        Path file = Files.writeString(dir.resolve("dpo.yaml"), yaml(golden, entry, model, data));
        InProcess.Result result =
                InProcess.run("train", "--quiet", "--config", file.toString(), "--set", "run.dir=" + run);
        assertEquals(0, result.code(), result.err());
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        assertEquals(entry.get("steps").size(), lines.size());
        for (int k = 0; k < lines.size(); k++) {
            JsonNode step = JSON.readTree(lines.get(k));
            JsonNode wanted = entry.get("steps").get(k);
            for (String name : List.of("loss", "entropy", "grad_norm", "margin", "logps_chosen", "logps_rejected")) {
                close(wanted.get(name).doubleValue(), step.get(name).doubleValue(), STEP, variant + " " + name);
            }
        }
        finalWeights(golden, variant, CausalLm.load(run.resolve("final")));
        List<String> evaluations = Files.readAllLines(run.resolve("eval.jsonl"));
        JsonNode last = JSON.readTree(evaluations.get(evaluations.size() - 1));
        for (String name : List.of("loss", "accuracy", "margin", "rewards_chosen")) {
            assertTrue(last.get(name).isNumber(), name + " of the held-out pairs");
        }
    }

    private static String yaml(GoldenPairs golden, JsonNode entry, Path model, Path data) {
        JsonNode optimizer = golden.parameters().get("optimizer");
        String loss = entry.get("loss").textValue();
        double smoothing = entry.path("label_smoothing").asDouble(0);
        boolean dpo = !loss.equals("simpo") && !loss.equals("orpo");
        String parameters = dpo
                ? "variant: " + (loss.equals("sigmoid") && smoothing > 0 ? "conservative" : loss)
                        + ", label_smoothing: " + smoothing
                : loss.equals("simpo") ? "gamma: " + entry.get("gamma") : "";
        int perStep = 2 * golden.parameters().get("batch").intValue();
        return """
                model: {path: "%s"}
                data: {train: "%s", shuffle: false, append_eos: false}
                objective: {name: %s, beta: %s%s}
                batch: {macro: %d, mini: %d}
                train: {max_steps: %d}
                optimizer:
                  lr: %s
                  betas: [%s, %s]
                  eps: %s
                  weight_decay: %s
                  decay: %s
                  max_grad_norm: %s
                schedule: {warmup_steps: %s}
                eval: {data: "%s"}
                monitor: {listeners: []}
                """.formatted(
                        model.toString().replace("\\", "/"),
                        data.toString().replace("\\", "/"),
                        dpo ? "dpo" : loss,
                        entry.get("beta"),
                        parameters.isEmpty() ? "" : ", " + parameters,
                        perStep,
                        perStep,
                        entry.get("steps").size(),
                        optimizer.get("lr"),
                        optimizer.get("betas").get(0),
                        optimizer.get("betas").get(1),
                        optimizer.get("eps"),
                        optimizer.get("weight_decay"),
                        optimizer.get("decay").textValue(),
                        optimizer.get("max_grad_norm"),
                        optimizer.get("warmup"),
                        data.toString().replace("\\", "/"));
    }
}
