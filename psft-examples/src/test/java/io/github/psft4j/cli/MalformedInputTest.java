package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.train.RunDirectories;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.model.CausalLm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with a configuration or a command line: exit code 2 and one screen that names place and remedy. */
class MalformedInputTest {

    private static final int SCREEN = 25;
    private static final String MODEL = "../psft-core/src/test/resources/models/stories260K";

    private static final String IDS = "generate --model " + MODEL + " --ids 1 ";

    @TempDir
    Path dir;

    /** A fault in a configuration, and what the message must say: where, what, and the way out. */
    record Case(String name, String yaml, String... said) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> configurations() {
        return Stream.of(
                new Case("misspelt key", "optimizer:\n  lrr: 1e-5\n", "line 2", "optimizer.lrr", "optimizer.lr?"),
                new Case("key of another section", "batch:\n  lr: 1e-5\n", "line 2", "batch.lr", "optimizer.lr?"),
                new Case("misspelt section", "optimiser:\n  lr: 1e-5\n", "optimiser", "optimizer"),
                new Case("text", "batch:\n  macro: many\n", "line 2", "batch.macro", "whole number", "many"),
                new Case("fraction for a whole number", "batch:\n  mini: 1.5\n", "batch.mini", "whole number", "1.5"),
                new Case("number out of range", "optimizer:\n  betas: [0.9, 1.0]\n", "optimizer.betas", "< 1"),
                new Case("too few numbers", "optimizer:\n  betas: [0.9]\n", "optimizer.betas", "two numbers"),
                new Case("not a number", "optimizer:\n  lr: .nan\n", "optimizer.lr", "number > 0"),
                new Case("yes for true", "data:\n  shuffle: yes\n", "data.shuffle", "true or false", "yes"),
                new Case("unknown word", "schedule:\n  shape: cosin\n", "schedule.shape", "constant, linear or cosine"),
                new Case("unknown objective", "objective:\n  name: pfst\n", "line 2", "pfst", "psft"),
                new Case("unknown parameter", "objective:\n  name: psft\n  epsilon: 1\n", "line 3", "epsilon"),
                new Case("misspelt parameter", "objective:\n  eps_hihg: 0.3\n", "line 2", "eps_high?", "max_log_ratio"),
                new Case(
                        "range of two parameters",
                        "objective:\n  name: iw-sft-step\n  min_weight: 0.3\n  max_weight: 0.1\n",
                        "line 4, objective.max_weight",
                        "min_weight <= max_weight, were 0.3 and 0.1"),
                new Case(
                        "two parameters",
                        "objective:\n  eps_low: wide\n  eps_high: -1\n",
                        "line 2, objective.eps_low",
                        "line 3, objective.eps_high"),
                new Case(
                        "statistics of a part of the mini-batch",
                        "objective:\n  name: cadft\nbatch:\n  mini: 8\n  micro: 4\n",
                        "line 5, batch.micro",
                        "batch.mini",
                        "cadft"),
                new Case("parameter of another objective", "objective:\n  name: sft\n  eps_high: 0.3\n", "eps_high"),
                new Case(
                        "parameter out of range",
                        "objective:\n  eps_high: -1\n",
                        "line 2",
                        "eps_high",
                        "above 0",
                        "-1"),
                new Case("scalar where a section belongs", "optimizer: adam\n", "optimizer", "section"),
                new Case("section where a value belongs", "batch:\n  macro:\n    a: 1\n", "batch.macro", "a section"),
                new Case("macro no multiple of mini", "batch:\n  macro: 20\n  mini: 8\n", "batch.macro", "16 and 24"),
                new Case(
                        "micro above mini", "batch:\n  mini: 4\n  micro: 8\n  macro: 8\n", "batch.micro", "batch.mini"),
                new Case(
                        "epochs and steps", "train:\n  epochs: 2\n  max_steps: 9\n", "train.max_steps", "train.epochs"),
                new Case(
                        "two warm-ups",
                        "sft_warmup:\n  macro_steps: 3\n  fraction: 0.1\n",
                        "sft_warmup.fraction",
                        "sft_warmup.macro_steps"),
                new Case("two types", "model:\n  dtype: double\n  precision: bf16\n", "model.precision", "model.dtype"),
                new Case("row too short", "data:\n  max_length: 100\nbatch:\n  packing: 50\n", "batch.packing", "99"),
                new Case("kept, never written", "checkpoint:\n  keep_every: 9\n", "checkpoint.every"),
                new Case(
                        "best of what is not measured",
                        "checkpoint:\n  every: 9\n  best_by: eval_nll\neval:\n  every: 2\n",
                        "checkpoint.best_by",
                        "eval.every"),
                new Case(
                        "best of no evaluation",
                        "checkpoint:\n  every: 4\n  best_by: eval_nll\neval:\n  data:\n  every: 2\n",
                        "checkpoint.best_by",
                        "eval.data"),
                new Case("bad refresh", "refresh:\n  every: sometimes\n", "refresh.every", "macro, never"),
                new Case("evaluation of nothing", "eval:\n  every: 5\n", "eval.every", "eval.data"),
                new Case("missing data file", "data:\n  train: nowhere.jsonl\n", "data.train", "nowhere.jsonl"),
                new Case("missing model", "model:\n  path: nowhere\n", "model.path", "nowhere"),
                new Case(
                        "id of a model",
                        "model:\n  path: HuggingFaceTB/SmolLM2-135M-Instruct\n",
                        "nothing is downloaded",
                        "hf download HuggingFaceTB/SmolLM2-135M-Instruct --local-dir"),
                new Case("name of another tool", "optimizer:\n  learning_rate: 1e-5\n", "did you mean optimizer.lr?"),
                new Case("its batch", "train:\n  per_device_train_batch_size: 4\n", "did you mean batch.micro?"),
                new Case(
                        "model by another name",
                        "model:\n  name: x\n",
                        "line 2, model.name",
                        "did you mean model.path?"),
                new Case("data by another name", "data:\n  path: x\n", "line 2, data.path", "did you mean data.train?"),
                new Case("what is not here", "lora:\n  use_dora: true\n", "lora.use_dora", "the one kind of adapter"),
                new Case(
                        "dropout of everything",
                        "lora:\n  r: 4\n  dropout: 1\n",
                        "line 3, lora.dropout",
                        ">= 0 and < 1"),
                new Case("adapter by another name", "lora_r: 8\n", "lora_r", "did you mean lora.r?"),
                new Case("adapter without a rank", "lora:\n  alpha: 8\n", "lora.alpha", "give its rank"),
                new Case(
                        "rank of no number",
                        "lora:\n  r: 4\n  rank_pattern: {q_proj: x}\n",
                        "line 3, lora.rank_pattern",
                        "was x"),
                new Case(
                        "layers of an expression",
                        "lora:\n  r: 4\n  target_modules: \".*q_proj\"\n  layers: [0]\n",
                        "lora.layers",
                        "lora.target_modules"),
                new Case("base of no adapter", "model:\n  base: x\n", "model.base", "not a model directory"),
                new Case("a ratio", "schedule:\n  warmup_ratio: 0.1\n", "schedule.warmup_steps counts optimizer steps"),
                new Case(
                        "two faults of one section",
                        "batch:\n  macro: 15\n  mini: 10\n  micro: 20\n",
                        "line 2, batch.macro: must be a multiple of batch.mini (10)",
                        "line 4, batch.micro: must be between 1 and batch.mini (10)"),
                new Case("nothing given", "", "model.path", "is missing", "data.train"),
                new Case("bad indentation", "batch:\n  macro: 8\n mini: 2\n", "line 3", "YAML"),
                new Case("unclosed list", "optimizer:\n  betas: [0.9, 0.999\n", "YAML"),
                new Case("duplicate key", "batch:\n  mini: 2\n  mini: 4\n", "mini", "twice"),
                new Case("tab", "batch:\n\tmini: 2\n", "line 2", "YAML"),
                new Case("list instead of sections", "- 1\n- 2\n", "section"),
                new Case("two documents", "batch:\n  mini: 2\n---\nbatch:\n  mini: 4\n", "second document"),
                new Case("Java type", "batch: !!java.net.URL [\"http://localhost\"]\n", "tag", "java.net.URL"),
                new Case("alias", "batch: &b\n  mini: 2\neval: *b\n", "anchors"),
                new Case("depth", "batch: " + "[".repeat(40) + "]".repeat(40) + "\n", "deep"),
                new Case("size", "# " + "x".repeat(1 << 20) + "\n", "1 MB"));
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void aFaultInAConfigurationIsOneScreenAndExitCode2(Case fault) throws IOException {
        Path file = Files.writeString(dir.resolve("run.yaml"), fault.yaml());
        InProcess.Result result = InProcess.run("train", "--config", file.toString());
        assertRefused(result, fault.said());
        assertTrue(result.err().contains("run.yaml"), () -> "the file is not named:\n" + result.err());
    }

    @Test
    void textThatIsNotUtf8IsRefused() throws IOException {
        Path file = Files.write(dir.resolve("run.yaml"), "# \u00e4\n".getBytes(StandardCharsets.ISO_8859_1));
        assertRefused(InProcess.run("config", "validate", file.toString()), "run.yaml", "UTF-8");
    }

    @Test
    void allFaultsAreListedAtOnce() throws IOException {
        Path file = Files.writeString(
                dir.resolve("run.yaml"), "batch:\n  macro: many\n  minni: 2\noptimizer:\n  lr: -1\nbad: 1\n");
        InProcess.Result result = InProcess.run("config", "validate", file.toString(), "--set", "run.seed=x");
        assertRefused(
                result, "batch.macro", "batch.minni", "optimizer.lr", "bad", "run.seed", "model.path", "data.train");
    }

    /** A command line and what the message must say. */
    record Line(List<String> arguments, String... said) {
        Line(String arguments, String... said) {
            this(arguments.isEmpty() ? List.of() : List.of(arguments.split(" ")), said);
        }

        @Override
        public String toString() {
            return "psft " + String.join(" ", arguments);
        }
    }

    static Stream<Line> commandLines() {
        return Stream.of(
                new Line("", "command is missing", "--help"),
                new Line("trian", "train"),
                new Line("train", "takes one configuration", "psft config ls"),
                new Line("train a.yaml --config b.yaml", "takes one configuration"),
                new Line("train --config nowhere.yaml", "nowhere.yaml", "no such file"),
                new Line("train --confg x.yaml", "--config"),
                new Line("config", "ls, cp, validate or keys"),
                new Line("config cp latpop", "laptop"),
                new Line("config keys optimzer", "optimzer", "optimizer"),
                new Line("config keys objective.pfst", "objective.pfst", "objective.psft"),
                new Line("generate --model x", "--prompt", "--ids"),
                new Line("generate --model x --prompt a --ids 1", "mutually exclusive"),
                new Line(IDS + "--chat", "--chat needs --prompt"),
                new Line("generate --model x --ids 1,b", "--ids", "b"),
                new Line(IDS + "--max-new-tokens 0", "--max-new-tokens must be positive"),
                new Line(IDS + "--top-p 2", "--top-p must be in (0, 1], was 2.0"),
                new Line("generate --model nowhere --prompt a", "nowhere", "config.json"),
                new Line("generate --model x --prompt a --dtype half", "--dtype", "float or double"),
                new Line("score --model nowhere --input a.jsonl --output b.jsonl", "nowhere", "config.json"),
                new Line("bench --shape 1,2,x", "shape", "B,T,D,H,KV,L,F,V"),
                new Line("bench speed", "train, lora, grpo, loss, generate and samples"),
                new Line("bench --objective ppo", "sft, psft or dpo"),
                new Line("plot nowhere", "nowhere", "metrics.jsonl"),
                new Line("inspect nowhere", "nowhere", "config.json"),
                new Line("inspect pom.xml", "pom.xml is a file", "directory"),
                new Line("generate --model x --ids 1 --json --ids-only", "--ids-only, --json", "mutually exclusive"),
                new Line("bench generate --model " + MODEL + " --new-tokens 512", "new-tokens", "512 positions"),
                new Line("bench lora --model " + MODEL + " --micro 2", "--micro from 0 to --batch, which is 1"),
                new Line("bench loss --vocab 1", "--vocab 2 or more"),
                new Line("bench --shape 1,1,999999999,1,1,1", "below 100 million"),
                new Line("bench --steps 2147483647", "steps", "at most 1000000", "2147483647"),
                new Line("score --model " + MODEL + " --input pom.xml --output src", "--output src is a directory"),
                new Line("config cp laptop nowhere/run.yaml", "nowhere", "make it first"),
                new Line("data inspect pom.xml --max-rows -1", "--max-rows", "-1"),
                new Line("data inspect nowhere.jsonl", "nowhere.jsonl"),
                new Line("data inspect x.jsonl --layout vicuna", "layout", "vicuna", "messages"),
                new Line("data inspect x.jsonl --set data.colums=x", "--set data.colums", "data.columns?"),
                new Line("data inspect x.jsonl --set optimizer.lr=1", "--set optimizer.lr", "only settings of data"));
    }

    @ParameterizedTest
    @MethodSource("commandLines")
    void aFaultInACommandLineIsOneScreenAndExitCode2(Line line) {
        assertRefused(InProcess.run(line.arguments().toArray(String[]::new)), line.said());
    }

    @Test
    void aRunThatIsNamedTwiceIsDrawnOnceAndIntoADirectoryOnly() throws IOException {
        String run = Files.createDirectories(dir.resolve("run")).toString();
        Files.writeString(dir.resolve("run/metrics.jsonl"), "{\"step\":1,\"nll\":2.0}\n{\"step\":2,\"nll\":1.0}\n");
        InProcess.Result result = InProcess.run("plot", run, run + "/../run");
        assertEquals(0, result.code(), result::err);
        assertEquals(run + "/plots/report.html", result.out().strip());
        assertRefused(InProcess.run("plot", run, "--out", run + "/metrics.jsonl"), "--out", "metrics.jsonl is a file");
    }

    /** ND4J would crash the process. */
    @Test
    void arraysBeyondTheMemoryOfTheMachineAreExitCode5() {
        for (String line :
                List.of("bench --shape 1,1,1000000,1,1,1", "bench loss --rows 2000000000 --vocab 2000000000")) {
            InProcess.Result result = InProcess.run(line.split(" "));
            assertEquals(ExitCodes.OUT_OF_MEMORY, result.code(), result::err);
            assertTrue(result.err().contains("this machine has"), result::err);
        }
    }

    @Test
    void weightsThatAreNotFiniteAreExitCode3OfARunAndExitCode2OfAModel() throws IOException {
        String data = Files.writeString(dir.resolve("rows.jsonl"), "{\"input_ids\": [1, 2], \"loss_mask\": [0, 1]}\n")
                .toString();
        Path run = Files.writeString(
                dir.resolve("run.yaml"),
                "model: {path: '" + MODEL + "'}\ndata: {train: '" + data + "'}\noptimizer: {weight_decay: 1e300}\n"
                        + "run: {dir: '" + dir.resolve("run") + "', overwrite: true}\n");
        String[] train = {"train", "--quiet", "--config", run.toString(), "--set", "eval.data="};
        InProcess.Result worthless = InProcess.run(train);
        assertEquals(ExitCodes.DIVERGED, worthless.code(), worthless.err());
        assertTrue(worthless.err().contains("weights are not finite after step 1"), worthless.err());
        assertFalse(Files.exists(dir.resolve("run/final")), "nothing worth keeping");
        String model = dir.resolve("model").toString();
        CausalLm damaged = CausalLm.load(Path.of(MODEL));
        damaged.graph().params().assign(Double.NaN);
        damaged.save(Path.of(model));
        assertRefused(
                InProcess.run("score", "--model", model, "--input", data, "--output", data + ".out"), "not finite");
        train[5] += data;
        String[] evaluated = Stream.concat(Stream.of(train), Stream.of("--set", "eval.every=1"))
                .toArray(String[]::new);
        InProcess.Result diverged = InProcess.run(evaluated);
        assertEquals(ExitCodes.DIVERGED, diverged.code(), diverged.err());
        assertTrue(diverged.err().contains("lower the learning rate"), diverged.err());
    }

    @Test
    void aDamagedModelFileIsRefusedWithinItsLimitAndInPlainWords() throws IOException {
        String model = dir.toString();
        Path config = Files.writeString(dir.resolve("config.json"), "{\"a\": 1, ");
        Files.writeString(dir.resolve("tokenizer_config.json"), "{\"chat_template\": \"x\"}");
        for (String[] line :
                new String[][] {{"generate", "--model", model, "--prompt", "a"}, {"chat", "--model", model}}) {
            InProcess.Result result = InProcess.run(line);
            assertRefused(result, "config.json", "not valid JSON", "fetch or export it again");
            assertFalse(result.err().contains("[Source"), result.err());
        }
        Files.writeString(config, "{}");
        Files.write(dir.resolve("generation_config.json"), new byte[(16 << 20) + 1]);
        assertRefused(InProcess.run("generate", "--model", model, "--prompt", "a"), "generation_config.json", "16 MiB");
    }

    @Test
    void aTornLineOfDataIsNamedByLineAndColumnOnly() throws IOException {
        Path file = Files.writeString(dir.resolve("rows.jsonl"), "{\"text\": [1, \"a\"}\n");
        InProcess.Result result = InProcess.run("data", "inspect", file.toString(), "--bad-rows", "error");
        assertRefused(result, "rows.jsonl:1", "column", "line 1, column 10");
        assertFalse(result.err().contains("Source"), result.err());
    }

    @Test
    void verboseAddsTheStackTrace() {
        InProcess.Result result = InProcess.run("inspect", "nowhere", "--verbose");
        assertEquals(ExitCodes.REFUSED, result.code());
        assertTrue(result.err().contains("\tat io.github.psft4j"), result.err());
    }

    @Test
    void aRunDirectoryIsNotOverwrittenByAccident() throws IOException {
        Path run = Files.createDirectories(dir.resolve("run"));
        Files.writeString(run.resolve("metrics.jsonl"), "{}\n");
        Files.createDirectories(run.resolve("abandoned-step-00000004-2"));
        Files.writeString(run.resolve("notes.txt"), "mine");
        RefusedException refusal = org.junit.jupiter.api.Assertions.assertThrows(
                RefusedException.class, () -> RunDirectories.requireNone(run));
        assertTrue(refusal.getMessage().contains("run.overwrite"), refusal.getMessage());
        RunDirectories.clear(run);
        assertFalse(Files.exists(run.resolve("metrics.jsonl")));
        assertFalse(Files.exists(run.resolve("abandoned-step-00000004-2")));
        assertTrue(Files.exists(run.resolve("notes.txt")), "what no run wrote stays");
    }

    static void assertRefused(InProcess.Result result, String... said) {
        assertEquals(ExitCodes.REFUSED, result.code(), result::err);
        assertEquals("", result.out(), "nothing goes to standard output");
        assertTrue(result.err().lines().count() <= SCREEN, () -> "more than one screen:\n" + result.err());
        assertFalse(result.err().contains("\tat "), () -> "a stack trace:\n" + result.err());
        for (String part : said) {
            assertTrue(result.err().contains(part), () -> "\"" + part + "\" is not in:\n" + result.err());
        }
    }
}
