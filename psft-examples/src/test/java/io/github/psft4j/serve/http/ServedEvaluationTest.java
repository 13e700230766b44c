package io.github.psft4j.serve.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.config.TaskFile;
import io.github.psft4j.eval.backend.Backend;
import io.github.psft4j.eval.backend.LocalBackend;
import io.github.psft4j.eval.backend.OpenAiBackend;
import io.github.psft4j.eval.run.Item;
import io.github.psft4j.eval.run.ItemFile;
import io.github.psft4j.eval.run.TaskListener;
import io.github.psft4j.eval.run.TaskRun;
import io.github.psft4j.eval.task.LoadedTask;
import io.github.psft4j.eval.task.Questions;
import io.github.psft4j.eval.task.Task;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.model.CausalLm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An evaluation through the server gives what one of the same model in the process gives. */
class ServedEvaluationTest {

    private static final Path MODEL = Path.of("../psft-core/src/test/resources/models/stories260K");
    private static final Path TEMPLATE = Path.of("src/dist/share/models/stories260K/chat_template.jinja");

    @TempDir
    Path dir;

    private List<Item> run(Task task, Backend backend, String out) {
        Questions questions = Questions.read(List.of(dir.resolve("questions.jsonl")), task.task());
        new TaskRun(new LoadedTask(task, questions), backend, Map.of()).run(dir.resolve(out), false, TaskListener.NONE);
        return ItemFile.read(dir.resolve(out));
    }

    private Task task(String yaml) throws IOException {
        return TaskFile.load(Files.writeString(dir.resolve("t.yaml"), yaml).toString(), List.of());
    }

    @Test
    void answersVerdictsAndRatingsAreTheSame() throws IOException {
        Files.writeString(dir.resolve("questions.jsonl"), """
                {"q": "Once upon a time", "answer": "a", "choices": [", there was a dog", "s", " x \u00e9"], "gold": 0}
                {"q": "Lily and Tom", "answer": "2", "choices": [" went", " were happy.", "!"], "gold": 1}
                {"q": "The \ud83d\ude00 cat", "answer": "3", "choices": [" sat", " \ud83d\ude00", " ran"], "gold": 2}
                """);
        ChatTemplate template = ChatTemplate.of(Files.readString(TEMPLATE));
        try (TestServer server = new TestServer();
                Backend served = OpenAiBackend.connect(
                        "http://127.0.0.1:" + server.port() + "/v1", null, null, true, 3, Duration.ofSeconds(60), 2);
                Backend local = new LocalBackend(CausalLm.load(MODEL), template, Map.of(), 4)) {
            for (String form : List.of("chat", "text")) {
                Task asked =
                        task("prompt: {form: %s, template: \"{{q}}\"}\ngeneration: {max_tokens: 20}".formatted(form));
                assertEquals(run(asked, local, "local-" + form), run(asked, served, "served-" + form), form);
            }
            Task choice = task("task: {kind: choice}\nprompt: {template: \"{{q}}\"}\nchoice: {gold: gold}");
            List<Item> ours = run(choice, local, "local-choice");
            List<Item> theirs = run(choice, served, "served-choice");
            for (int i = 0; i < ours.size(); i++) {
                assertEquals(ours.get(i).values(), theirs.get(i).values());
                for (int c = 0; c < 3; c++) {
                    Item.Choice own = ours.get(i).choices().get(c);
                    assertEquals(own.tokens(), theirs.get(i).choices().get(c).tokens());
                    assertEquals(
                            own.logLikelihood(), theirs.get(i).choices().get(c).logLikelihood(), 1e-4, "choice " + c);
                }
            }
        }
    }
}
