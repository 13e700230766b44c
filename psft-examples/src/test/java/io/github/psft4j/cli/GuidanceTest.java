package io.github.psft4j.cli;

import static io.github.psft4j.cli.MalformedInputTest.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a first user needs next is in the message: faults are found before training, and each has a way out. */
class GuidanceTest {

    private static final String MODEL = "../psft-core/src/test/resources/models/stories260K";

    @TempDir
    Path dir;

    @Test
    void aFaultOfTheCommandLineIsNotBlamedOnTheFile() throws IOException {
        Path file = configuration("model: {path: '" + MODEL + "'}\n");
        InProcess.Result result = InProcess.run("config", "validate", file.toString(), "--set", "optimizer.lr=x");
        assertRefused(result, "the command line has a fault", "--set optimizer.lr");
        assertFalse(result.err().contains("run.yaml"), result.err());
    }

    @Test
    void severalFaultsKeepTheirLineAndWhereTheyComeFrom() throws IOException {
        String model = "model: {path: '" + MODEL + "'}\n";
        Path file = configuration(model + "batch: {macro: 64}\noptimizer: {lr: slow}\n");
        InProcess.Result result = InProcess.run(
                "config", "validate", file.toString(), "--set", "batch.mini=3", "--set", "model.path=nowhere");
        assertRefused(
                result,
                file + " with the command line has 3 faults",
                "line 3, optimizer.lr: must be a number > 0, was \"slow\"",
                "line 2, batch.macro: must be a multiple of batch.mini (3), was 64",
                "(batch.mini is given by --set)",
                "--set model.path: nowhere is not a model directory");
        InProcess.Result mini =
                InProcess.run("config", "validate", configuration(model).toString(), "--set", "batch.mini=3");
        assertRefused(mini, "psft: the command line has a fault", "batch.macro");
    }

    @Test
    void validateRefusesATemplateAndColumnsThatTrainWouldRefuse() throws IOException {
        String file = configuration("model: {path: '" + MODEL + "'}\n").toString();
        for (String[] fault : new String[][] {
            {"data.chat_template=no-such-template", "no-such-template"}, {"data.columns={qestion: problem}", "qestion"}
        }) {
            assertRefused(InProcess.run("config", "validate", file, "--set", fault[0]), fault[1]);
        }
    }

    @Test
    void validateRefusesAModelThatTrainWouldRefuse() throws IOException {
        Path model = Files.createDirectories(dir.resolve("model"));
        Files.copy(Path.of(MODEL, "config.json"), model.resolve("config.json"));
        Path file = configuration("model: {path: '" + model + "'}\n");
        assertRefused(InProcess.run("config", "validate", file.toString()), "model.safetensors", "no such file");
        Files.copy(Path.of(MODEL, "model.safetensors"), model.resolve("model.safetensors"));
        InProcess.Result valid = InProcess.run("config", "validate", file.toString());
        assertEquals(
                "0 " + file + " is valid; its model has 260,032 parameters",
                valid.code() + " " + valid.out().strip());
        String json = Files.readString(model.resolve("config.json"));
        Files.writeString(model.resolve("config.json"), json.replace("{", "{\"is_causal\": false,"));
        assertRefused(InProcess.run("config", "validate", file.toString()), "is_causal = false");
    }

    /** Picocli reads a file in the place of an argument that begins with @, unless it is told not to. */
    @Test
    void aPromptMayBeginWithAnAtSign() throws IOException {
        Path file = Files.writeString(dir.resolve("words"), "one two");
        InProcess.Result result =
                InProcess.run("generate", "--model", MODEL, "--max-new-tokens", "1", "--prompt", "@" + file, "--json");
        assertEquals(0, result.code(), result.err());
    }

    @Test
    void aRunDirectoryBelowAFileIsRefused() throws IOException {
        Path file = configuration("model: {path: '" + MODEL + "'}\n");
        Path below = dir.resolve("rows.jsonl").resolve("a").resolve("run");
        InProcess.Result result = InProcess.run("train", file.toString(), "--set", "run.dir=" + below);
        assertRefused(result, "run.dir " + below + ": " + dir.resolve("rows.jsonl") + " is a file");
    }

    private Path configuration(String yaml) throws IOException {
        Files.writeString(dir.resolve("rows.jsonl"), "{\"input_ids\": [1, 2], \"loss_mask\": [0, 1]}\n");
        return Files.writeString(
                dir.resolve("run.yaml"), yaml + "data: {train: '" + dir.resolve("rows.jsonl") + "'}\n");
    }

    @Test
    void dataOfWhichNothingIsLeftAreRefusedWithTheReason() throws IOException {
        String file = Files.writeString(dir.resolve("rows.jsonl"), "{\"prompt\": \"a\", \"answer\": \"b\"}\n")
                .toString();
        InProcess.Result result = InProcess.run("data", "inspect", file, "--model", MODEL);
        assertRefused(result, "no known layout", "--set \"data.columns={question: prompt}\"");
        InProcess.Result mapped =
                InProcess.run("data", "inspect", file, "--model", MODEL, "--set", "data.columns={question: prompt}");
        assertEquals(0, mapped.code(), mapped.err());
        assertTrue(mapped.out().contains("1 rows of question_answer, 1 demonstrations"), mapped.out());
        InProcess.Result dropped = InProcess.run(
                "data", "inspect", file, "--model", MODEL, "--column", "question=prompt", "--max-length", "2");
        assertRefused(dropped, "no demonstration is left of 1 rows", "more tokens than data.max_length (", " > 2)");
        InProcess.Result unmapped =
                InProcess.run("data", "inspect", file, "--model", MODEL, "--set", "data.columns={prompt: x}");
        assertRefused(unmapped, "data.columns reads prompt from x, which is none of them");
        long buckets = mapped.out()
                .lines()
                .filter(line -> line.matches(" *\\d+ - \\d+ .*"))
                .count();
        assertEquals(1, buckets, () -> "empty buckets in front:\n" + mapped.out());
    }

    @Test
    void aPlainPromptForAChatModelSaysHowToChat() throws IOException {
        Path model = Files.createDirectories(dir.resolve("model"));
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(Path.of(MODEL, file), model.resolve(file));
        }
        Files.writeString(model.resolve("chat_template.jinja"), "Q {{ messages[0].content }} A");
        String line = "generate --max-new-tokens 2 --model " + model + " --prompt a";
        InProcess.Result plain = InProcess.run(line.split(" "));
        assertEquals(0, plain.code(), plain.err());
        assertTrue(plain.err().contains("psft chat, or --chat"), plain.err());
        InProcess.Result chat = InProcess.run((line + " --chat --json").split(" "));
        assertEquals(0, chat.code(), chat.err());
        assertFalse(chat.err().contains("--chat"), chat.err());
        assertTrue(chat.out().contains("\"prompt_length\""), chat.out());
    }

    /** A chat model asked without its template answers nonsense, in the log and in the report. */
    @Test
    void samplesOfAChatModelAreAnswersAndAnAbsurdRateIsWarnedOf() throws IOException {
        Path model = Files.createDirectories(dir.resolve("model"));
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(Path.of(MODEL, file), model.resolve(file));
        }
        Files.writeString(model.resolve("chat_template.jinja"), "Question: {{ messages[0].content }}");
        String yaml = "model: {path: '%s'}\nrun: {dir: '%s', overwrite: true}\noptimizer: {lr: 10}\n"
                + "batch: {macro: 4, mini: 4}\n"
                + "eval: {data: '%s', prompts: [Once], max_new_tokens: 1}\n";
        Path run = dir.resolve("run");
        Path file = configuration(String.format(yaml, model, run, dir.resolve("rows.jsonl")));
        for (boolean raw : new boolean[] {false, true}) {
            InProcess.Result result = InProcess.run("train", file.toString(), "--set", "eval.raw_prompts=" + raw);
            assertEquals(0, result.code(), result.err());
            assertTrue(result.err().contains("warning: optimizer.lr is 10.0"), result.err());
            assertTrue(result.err().contains("so K = 1"), result.err());
            assertTrue(result.err().contains("warmup_steps is 10 and the run has 1 steps"), result.err());
            assertFalse(result.err().contains("sft_warmup takes all"), result.err());
            String first = Files.readAllLines(run.resolve("eval.jsonl")).get(0);
            assertEquals(!raw, first.contains("\"prompt\":\"Question: Once\""), first);
        }
    }

    @Test
    void aModelIsSavedWithATemplateThatAsksAsInTraining() throws IOException {
        Path model = Files.createDirectories(dir.resolve("model"));
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(Path.of(MODEL, file), model.resolve(file));
        }
        String own = "{% for m in messages %}Q {{ m.content }}{% endfor %} A:";
        Files.writeString(model.resolve("chat_template.jinja"), own);
        Path alike = Files.writeString(dir.resolve("alike.jinja"), own + "{# the same text #}");
        for (String trained : List.of("chatml", alike.toString())) {
            String yaml = "model: {path: '%s'}\nrun: {dir: '%s', overwrite: true}\noptimizer: {lr: 1e-3}\n";
            Path file = configuration(String.format(yaml, model, dir.resolve("run")));
            InProcess.Result result = InProcess.run("train", file.toString(), "--set", "data.chat_template=" + trained);
            assertEquals(0, result.code(), result.err());
            String saved = Files.readString(dir.resolve("run/final/chat_template.jinja"));
            boolean other = trained.equals("chatml");
            assertEquals(other, !saved.equals(own), saved);
            assertEquals(other, result.err().contains("final/ has the chat template chatml"), result.err());
        }
    }

    @Test
    void aRunSaysThatItsModelWillBeRoundedUnlessThatWasAsked() throws IOException {
        Path run = dir.resolve("run");
        Path file = configuration("model: {path: '" + MODEL + "'}\noptimizer: {lr: 1e-3}\n");
        InProcess.Result asked =
                InProcess.run("train", file.toString(), "--set", "run.dir=" + run, "--set", "model.save_dtype=bf16");
        assertEquals(0, asked.code(), asked.err());
        assertFalse(asked.err().contains("rounded"), asked.err());
        InProcess.Result auto = InProcess.run(
                "train",
                file.toString(),
                "--set",
                "sft_warmup.macro_steps=1",
                "--set",
                "run.dir=" + dir.resolve("next"),
                "--set",
                "model.path=" + run.resolve("final"));
        assertEquals(0, auto.code(), auto.err());
        assertTrue(auto.err().contains("rounded to BF16"), auto.err());
        assertTrue(auto.err().contains("so that psft never begins and this is SFT"), auto.err());
    }

    @Test
    void aRunThatTrainedNothingEndsWithItsCauseAndWithoutAModel() throws IOException {
        Path file = configuration("model: {path: '" + MODEL + "'}\nrun: {dir: '" + dir.resolve("run") + "'}\n");
        InProcess.Result result = InProcess.run("train", "--config", file.toString(), "--set", "optimizer.lr=1e-30");
        assertEquals(3, result.code(), result.err());
        assertTrue(result.err().contains("psft: the run is void: no update changed a weight"), result.err());
        assertFalse(Files.exists(dir.resolve("run/final")));
    }
}
