package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.model.CausalLm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code psft eval} from files to files, and the same tasks inside a training run. */
class EvalCommandTest {

    private static final Path MODEL = Path.of("../psft-core/src/test/resources/models/stories260K");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    private static String text(Path path) {
        return path.toString().replace("\\", "/");
    }

    private Path task(String name, String yaml) throws IOException {
        return Files.writeString(dir.resolve(name + ".yaml"), yaml);
    }

    private Path stories() throws IOException {
        Path data = Files.writeString(dir.resolve("stories.jsonl"), """
                {"q": "Once upon a", "answer": "1/2", "text": "Once upon a time there was a dog."}
                {"q": "Lily had <b>", "answer": "0.5", "text": "Lily had a big red ball."}
                {"q": "The cat", "answer": "7", "text": "The cat sat."}
                """);
        return task("stories", """
                task: {data: ["%s"]}
                prompt: {template: "{{q}}"}
                generation: {max_tokens: 8, samples: 2, temperature: 1}
                """.formatted(text(data)));
    }

    private InProcess.Result eval(String... arguments) {
        List<String> all = new ArrayList<>(List.of("eval", "--quiet"));
        all.addAll(List.of(arguments));
        return InProcess.run(all.toArray(String[]::new));
    }

    @Test
    void aTaskLeavesItemsFiguresAndAPageThatNeedsNothingElse() throws IOException {
        Path out = dir.resolve("out");
        InProcess.Result result =
                eval("--task", stories().toString(), "--model", MODEL.toString(), "--out", out.toString(), "--json");
        assertEquals(0, result.code(), result.err());
        assertEquals(3, Files.readAllLines(out.resolve("stories/items.jsonl")).size());
        JsonNode figures = JSON.readTree(result.out()).path("stories");
        assertEquals(JSON.readTree(out.resolve("stories/result.json").toFile()), figures);
        assertEquals(6, figures.path("counts").path("answers").asInt());
        assertEquals(64, figures.path("told").path("model_sha256").asText().length());
        String page = Files.readString(out.resolve("stories/report.html"));
        assertTrue(page.contains("default-src 'none'") && page.contains("Lily had &lt;b&gt;"));
        assertFalse(
                page.contains("src=") || page.contains("<link") || page.contains("http:") || page.contains("https:"),
                "loads something");
    }

    /** Completions of one evaluation, judged again, have the same verdicts; a right one among them counts. */
    @Test
    void givenCompletionsAreJudgedWithoutAModel() throws IOException {
        Path task = stories();
        Path out = dir.resolve("out");
        eval("--task", task.toString(), "--model", MODEL.toString(), "--out", out.toString());
        Path items = out.resolve("stories/items.jsonl");
        Path again = dir.resolve("again");
        InProcess.Result same =
                eval("--task", task.toString(), "--completions", items.toString(), "--out", again.toString());
        assertEquals(0, same.code(), same.err());
        assertEquals(verdicts(items), verdicts(again.resolve("stories/items.jsonl")));
        Path theirs = Files.writeString(dir.resolve("theirs.jsonl"), """
                {"completion": "So \\\\boxed{0.5}."}
                {"completion": "So \\\\boxed{\\\\frac12}."}
                {"completion": "I do not know."}
                """);
        InProcess.Result given = eval(
                "--task",
                task.toString(),
                "--completions",
                theirs.toString(),
                "--out",
                dir.resolve("g").toString(),
                "--set",
                "generation.samples=1",
                "--json");
        assertEquals(
                2.0 / 3,
                JSON.readTree(given.out()).at("/stories/metrics/avg@1/value").asDouble(),
                1e-12);
        InProcess.Result compared = eval(
                "--compare",
                out.resolve("stories").toString(),
                dir.resolve("g/stories").toString(),
                "--out",
                dir.resolve("comparison.html").toString());
        assertEquals(0, compared.code(), compared.err());
        assertTrue(compared.out().contains("second is better on 2 questions: 0, 1"), compared.out());
        assertTrue(Files.readString(dir.resolve("comparison.html")).contains("I do not know."));
    }

    private static List<String> verdicts(Path items) throws IOException {
        List<String> out = new ArrayList<>();
        for (String line : Files.readAllLines(items)) {
            JSON.readTree(line)
                    .path("samples")
                    .forEach(s -> out.add(s.path("verdict").asText()));
        }
        return out;
    }

    @Test
    void whatCannotBeEvaluatedIsSaidBeforeAModelIsLoaded() throws IOException {
        assertEquals(
                2, eval("--task", "gsm9k", "--model", "nowhere", "--out", "x").code());
        InProcess.Result unknown = eval("--task", "gsm9k", "--model", "nowhere", "--out", "x");
        assertTrue(
                unknown.err().contains("there is no task gsm9k")
                        && unknown.err().contains("gsm8k"),
                unknown.err());
        InProcess.Result setting = eval(
                "--task", stories().toString(), "--model", "nowhere", "--out", "x", "--set", "generation.sample=4");
        assertTrue(setting.err().contains("did you mean generation.samples"), setting.err());
        InProcess.Result same = eval(
                "--task",
                stories().toString(),
                "--model",
                "nowhere",
                "--out",
                "x",
                "--set",
                "generation.temperature=0");
        assertTrue(same.err().contains("generation.samples"), same.err());
        InProcess.Result nobody = eval("--task", stories().toString(), "--out", "x");
        assertTrue(nobody.err().contains("--model DIR, --endpoint URL or --completions FILE"), nobody.err());
    }

    private InProcess.Result train(Path run, String... settings) throws IOException {
        Path data = Files.writeString(
                dir.resolve("train.jsonl"), "{\"prompt\": \"The cat\", \"completion\": \" sat.\"}\n".repeat(16));
        Path file = Files.writeString(dir.resolve("run.yaml"), """
                model: {path: "%s"}
                data: {train: "%s"}
                objective: {name: sft}
                batch: {macro: 2, mini: 2}
                optimizer: {lr: 2e-3}
                schedule: {warmup_steps: 0}
                train: {max_steps: 8}
                """.formatted(text(MODEL), text(data)));
        List<String> all = new ArrayList<>(List.of("train", "--quiet", "--config", file.toString(), "--set"));
        all.add("run.dir=" + run);
        Stream.of(settings).forEach(s -> all.addAll(List.of("--set", s)));
        return InProcess.run(all.toArray(String[]::new));
    }

    /** The model learns one sentence and forgets the stories: an early checkpoint is the best by the task. */
    @Test
    void tasksDuringTrainingChooseTheBestCheckpointAndChangeNoWeight() throws IOException {
        stories();
        Path task = task("forgetting", """
                task: {kind: perplexity, data: ["%s"], limit: 2}
                """.formatted(text(dir.resolve("stories.jsonl"))));
        Path plain = dir.resolve("plain");
        assertEquals(0, train(plain).code());
        Path run = dir.resolve("run");
        InProcess.Result result = train(
                run,
                "eval.tasks=[\"" + text(task) + "\"]",
                "eval.every=2",
                "checkpoint.every=2",
                "checkpoint.keep=1",
                "checkpoint.best_by=eval_task");
        assertEquals(0, result.code(), result.err());
        assertTrue(
                Files.readString(run.resolve("overlap.json")).contains("stories.jsonl"),
                "its questions were looked for");
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("tasks.jsonl"))) {
            lines.add(JSON.readTree(line));
        }
        assertEquals(
                List.of(0, 2, 4, 6, 8),
                lines.stream().map(l -> l.path("step").asInt()).toList());
        JsonNode best = lines.stream()
                .skip(1)
                .min(Comparator.comparingDouble(
                        l -> l.path("forgetting/nll_per_byte").asDouble()))
                .orElseThrow();
        List<String> kept;
        try (Stream<Path> files = Files.list(run)) {
            kept = files.map(f -> f.getFileName().toString())
                    .filter(f -> f.startsWith("step-"))
                    .sorted()
                    .toList();
        }
        List<String> expected = Stream.of(best.path("step").asInt(), 8)
                .distinct()
                .sorted()
                .map(step -> String.format("step-%08d", step))
                .toList();
        assertEquals(expected, kept);
        assertEquals(
                2,
                Files.readAllLines(run.resolve("tasks/step-00000004/forgetting/items.jsonl"))
                        .size());
        assertTrue(Files.readString(run.resolve("report.html")).contains("Task forgetting/nll_per_byte"));
        assertArrayEquals(
                CausalLm.load(plain.resolve("final"))
                        .graph()
                        .params()
                        .dup()
                        .data()
                        .asFloat(),
                CausalLm.load(run.resolve("final"))
                        .graph()
                        .params()
                        .dup()
                        .data()
                        .asFloat());
    }
}
