package io.github.psft4j.eval.run;

import io.github.psft4j.eval.backend.Backend;
import io.github.psft4j.eval.task.GenerationSettings;
import io.github.psft4j.eval.task.LoadedTask;
import io.github.psft4j.eval.task.Questions;
import io.github.psft4j.eval.task.Task;
import io.github.psft4j.eval.task.TaskKind;
import io.github.psft4j.io.Sha256;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What must be told with a figure, because the figure depends on it. */
final class Told {

    private Told() {}

    static Map<String, String> of(LoadedTask loaded, boolean chat, Marking marking, Backend backend) {
        Task task = loaded.task();
        Questions questions = loaded.questions();
        Map<String, String> out = new LinkedHashMap<>(backend.identity());
        out.put("kind", task.task().kind().name().toLowerCase(Locale.ROOT));
        out.put("questions", String.valueOf(questions.all().size()));
        out.put("rows", String.valueOf(questions.rows()));
        out.put("data_sha256", questions.sha256());
        out.put("prompt_form", chat ? "chat" : "text");
        out.put(
                "prompt_sha256",
                Sha256.of(task.prompt().toString(), task.choice().toString()));
        if (task.prompt().system() != null) {
            out.put("system", task.prompt().system());
        }
        out.put("few_shot", String.valueOf(task.prompt().fewShot()));
        if (task.prompt().fewShot() > 0) {
            out.put("few_shot_sha256", loaded.pool().sha256());
        }
        out.put("seed", String.valueOf(task.task().seed()));
        if (task.task().kind() == TaskKind.GENERATE) {
            GenerationSettings generation = task.generation();
            out.put("samples", String.valueOf(generation.samples()));
            out.put("max_tokens", String.valueOf(generation.maxTokens()));
            out.put("temperature", String.valueOf(generation.temperature()));
            out.put("top_p", String.valueOf(generation.topP()));
            out.put("top_k", String.valueOf(generation.topK()));
            out.put("min_p", String.valueOf(generation.minP()));
            out.put("stop", generation.stop().toString());
            out.put("judge", marking.version());
            out.put("judge_sha256", Sha256.of(task.judge().toString()));
        }
        if (task.task().cluster() != null) {
            out.put("cluster", task.task().cluster());
        }
        return out;
    }
}
