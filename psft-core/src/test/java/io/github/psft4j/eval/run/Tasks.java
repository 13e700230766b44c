package io.github.psft4j.eval.run;

import io.github.psft4j.eval.task.ChoiceSettings;
import io.github.psft4j.eval.task.GenerationSettings;
import io.github.psft4j.eval.task.JudgeSettings;
import io.github.psft4j.eval.task.PromptSettings;
import io.github.psft4j.eval.task.Questions;
import io.github.psft4j.eval.task.Task;
import io.github.psft4j.eval.task.TaskKind;
import io.github.psft4j.eval.task.TaskSettings;
import io.github.psft4j.settings.Setting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tasks from the few settings that a test cares for. */
public final class Tasks {

    private Tasks() {}

    /** A task with defaults for all that is not given; settings are {@code section.component}. */
    public static Task of(TaskKind kind, Map<String, ?> settings) {
        return new Task(
                record(TaskSettings.class, "task", settings, Map.of("name", "test", "kind", kind)),
                record(PromptSettings.class, "prompt", settings, Map.of()),
                record(GenerationSettings.class, "generation", settings, Map.of()),
                record(JudgeSettings.class, "judge", settings, Map.of()),
                record(ChoiceSettings.class, "choice", settings, Map.of()));
    }

    private static <R extends Record> R record(
            Class<R> type, String section, Map<String, ?> settings, Map<String, ?> always) {
        Map<String, Object> values = new HashMap<>(always);
        settings.forEach((name, value) -> {
            if (name.startsWith(section + ".")) {
                values.put(name.substring(section.length() + 1), value);
            }
        });
        return Setting.create(type, values);
    }

    /** Questions of lines of JSON. */
    public static Questions questions(Path dir, Task task, String... lines) {
        try {
            Path file = Files.writeString(dir.resolve("questions.jsonl"), String.join("\n", lines) + "\n");
            return Questions.read(List.of(file), task.task());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
