package io.github.psft4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.DemonstrationFiles;
import io.github.psft4j.data.DemonstrationIterator;
import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.Portions;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.loss.PsftLoss;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.monitor.EarlyStopping;
import io.github.psft4j.monitor.HeldOutEvaluation;
import io.github.psft4j.monitor.JsonlMetrics;
import io.github.psft4j.monitor.ProgressListener;
import io.github.psft4j.policy.Snapshot;
import io.github.psft4j.policy.SnapshotIterator;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;

/** Java snippets of the README and of docs stand here between markers, run, and are there word for word. */
class ReadmeSnippetsTest {

    private static final Path STORIES = Path.of("../psft-core/src/test/resources/models/stories260K");

    private static List<Demonstration> demonstrations(int n) {
        List<Demonstration> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            out.add(Demonstration.of(new int[] {1, 3 + i % 7}, new int[] {4, 5 + i % 3, 2}));
        }
        return out;
    }

    @Test
    void lossInAnyNetwork() {
        int vocabulary = 16;
        int epochs = 2;
        List<Demonstration> demonstrations = demonstrations(64);
        // snippet: loss
        ComputationGraph net = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .miniBatch(false) // the loss is a mean over tokens already
                .updater(new Adam(1e-3))
                .graphBuilder()
                .addInputs("ids")
                .addLayer(
                        "embed",
                        new EmbeddingSequenceLayer.Builder()
                                .nIn(vocabulary)
                                .nOut(32)
                                .build(),
                        "ids")
                .addLayer("lstm", new LSTM.Builder().nIn(32).nOut(64).build(), "embed")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(new PsftLoss(0.2, 0.28))
                                .nIn(64)
                                .nOut(vocabulary)
                                .activation(Activation.SOFTMAX)
                                .dataFormat(RNNFormat.NCW)
                                .build(),
                        "lstm")
                .setOutputs("out")
                .build());
        net.init();
        net.fit(new SnapshotIterator(net, new DemonstrationIterator(demonstrations, 8), 64, 8), epochs);
        // end
        assertTrue(new Snapshot(net).loss().report().meanRatio() != 1);
    }

    @Test
    void trainerOnAHuggingFaceDirectory(@TempDir Path out) throws Exception {
        Path modelDir = STORIES;
        Path runDir = out.resolve("run");
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            rows.add(new Row("Lily saw " + i % 9, " red balls."));
        }
        // snippet: trainer
        CausalLm model = CausalLm.load(modelDir); // config.json, model.safetensors, tokenizer.json
        Tokenizer tokenizer = model.tokenizer();
        int eos = tokenizer.eosTokenId().orElseThrow();
        List<Demonstration> demonstrations = rows.stream() // answers are trained, prompts are context
                .map(row ->
                        Demonstration.of(tokenizer.encode(row.prompt()), tokenizer.encode(row.answer(), false), eos))
                .toList();
        PsftTrainer.builder(model)
                .clip(0.2, 0.28)
                .macroBatch(64)
                .miniBatch(8) // K = 8 optimizer steps per snapshot of pi_old
                .sftWarmup(WarmupSchedule.steps(1))
                .learningRate(1e-4)
                .maxGradNorm(1.0)
                .epochs(2)
                .listener(new ProgressListener("psft"))
                .listener(new JsonlMetrics(runDir.resolve("metrics.jsonl")))
                .build()
                .fit(demonstrations);
        System.out.println(model.generate("Once upon a time", GenerationConfig.greedy(40, eos)));
        model.save(runDir.resolve("final")); // opens in transformers
        // end
        assertEquals(16, Files.readAllLines(runDir.resolve("metrics.jsonl")).size());
        assertTrue(Files.exists(runDir.resolve("final/model.safetensors")));
    }

    @Test
    void programOfYourOwn(@TempDir Path out) throws Exception {
        Path modelDir = Files.createDirectory(out.resolve("model"));
        for (String name : List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(STORIES.resolve(name), modelDir.resolve(name));
        }
        String template = "chat_template.jinja";
        Files.copy(Path.of("src/dist/share/models/stories260K", template), modelDir.resolve(template));
        Path runDir = out.resolve("run");
        Path file = out.resolve("alpaca.json");
        Files.writeString(
                file,
                "["
                        + "{\"instruction\": \"My printer fails.\", \"input\": \"\", \"output\": \"Switch it off.\"},"
                                .repeat(19)
                        + "{\"instruction\": \"My VPN fails.\", \"output\": \"Log out.\"}]");
        // snippet: program
        CausalLm model = CausalLm.load(modelDir);
        DataOptions options = DataOptions.builder(file).build();
        EarlyStopping stopping = new EarlyStopping(2, 0); // 2 evaluations in a row without a lower NLL
        try (DemonstrationSet all = DemonstrationFiles.read(options, model.tokenizer(), ChatTemplate.load(modelDir))) {
            System.out.println(all.report().summary());
            all.report().notes().forEach(System.out::println);
            Portions portions = Portions.of(all, 0.2, Map.of(), 42); // a fifth is held out
            HeldOutEvaluation evaluation =
                    new HeldOutEvaluation(model, portions.heldOut(), 5, runDir.resolve("eval.jsonl"));
            PsftTrainer.builder(model)
                    .macroBatch(16)
                    .miniBatch(4)
                    .learningRate(2e-5)
                    .epochs(3)
                    .listener(stopping)
                    .listener(evaluation.tell(stopping))
                    .listener(new ProgressListener("desk"))
                    .listener(new JsonlMetrics(runDir.resolve("metrics.jsonl")))
                    .build()
                    .fit(portions.train());
        }
        model.save(runDir.resolve("final"), DType.F32); // every bit of what was trained
        var question = List.of(Map.of("role", "user", "content", "Can somebody look at my printer?"));
        System.out.println(model.chat(question, GenerationConfig.greedy(40)));
        // end
        assertTrue(Files.exists(runDir.resolve("final/model.safetensors")));
        assertEquals(12, Files.readAllLines(runDir.resolve("metrics.jsonl")).size());
    }

    private record Row(String prompt, String answer) {}

    // snippet: objective
    /** Focal loss: -(1 - p)^gamma log p. */
    record FocalObjective(double gamma) implements TokenObjective {
        public String name() {
            return "focal";
        }

        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            for (int t = from; t < to; t++) {
                double logp = tokens.logProb(t);
                double q = 1 - Math.exp(logp);
                double weight = Math.pow(q, gamma);
                out.set(t, -weight * logp, weight - gamma * (1 - q) * Math.pow(q, gamma - 1) * logp);
            }
        }
    }
    // end

    @Test
    void objectiveOfYourOwn() {
        CausalLm model = CausalLm.load(STORIES);
        List<Double> losses = new ArrayList<>();
        PsftTrainer.builder(model)
                .objective(new FocalObjective(2))
                .macroBatch(8)
                .miniBatch(8)
                .learningRate(1e-3)
                .warmupSteps(0)
                .maxSteps(8)
                .listener(new io.github.psft4j.train.TrainerListener() {
                    @Override
                    public void onStep(io.github.psft4j.train.StepMetrics metrics) {
                        losses.add(metrics.loss());
                    }
                })
                .build()
                .fit(demonstrations(8));
        assertTrue(losses.get(7) < 0.8 * losses.get(0), losses.toString());
    }

    @Test
    void readmeAndDocsHoldTheSnippetsWordForWord() throws Exception {
        String source = Files.readString(Path.of("src/test/java/io/github/psft4j/examples/ReadmeSnippetsTest.java"));
        String readme = squeeze(Files.readString(Path.of("../README.md"))
                + Files.readString(Path.of("../docs/tutorial-own-network.md"))
                + Files.readString(Path.of("../docs/library.md")));
        Matcher snippets = Pattern.compile("// snippet: (\\w+)\\n(.*?)// end", Pattern.DOTALL)
                .matcher(source);
        int n = 0;
        while (snippets.find()) {
            assertTrue(
                    readme.contains(squeeze(snippets.group(2))), "README and docs lack snippet " + snippets.group(1));
            n++;
        }
        assertEquals(4, n);
    }

    /** White space is the formatter's business. */
    private static String squeeze(String text) {
        return text.replaceAll("\\s+", "");
    }
}
