package io.github.psft4j.config;

import io.github.psft4j.eval.task.ChoiceSettings;
import io.github.psft4j.eval.task.GenerationSettings;
import io.github.psft4j.eval.task.JudgeSettings;
import io.github.psft4j.eval.task.PromptSettings;
import io.github.psft4j.eval.task.Task;
import io.github.psft4j.eval.task.TaskSettings;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.io.NearestName;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Evaluation tasks: YAML files like configurations, and those that come with psft. */
public final class TaskFile {

    /** Section to record. */
    static final Map<String, Class<? extends Record>> SECTIONS = new LinkedHashMap<>();

    static {
        SECTIONS.put("task", TaskSettings.class);
        SECTIONS.put("prompt", PromptSettings.class);
        SECTIONS.put("generation", GenerationSettings.class);
        SECTIONS.put("judge", JudgeSettings.class);
        SECTIONS.put("choice", ChoiceSettings.class);
    }

    private static final String HELP = "\"psft config keys task\" explains the settings of a section; the others are "
            + String.join(", ", SECTIONS.keySet().stream().skip(1).toList()) + ".";

    private static final List<String> NAMES =
            List.of("maths", "gsm8k", "gsm8k-few-shot", "arc", "mmlu", "choice-letter", "perplexity", "ifeval");

    private TaskFile() {}

    /** Names of the tasks that come with psft, with the first line of their comment. */
    public static Map<String, String> all() {
        return ReadyConfigs.headings(NAMES, TaskFile::text);
    }

    /** The YAML of a task that comes with psft. */
    public static String text(String name) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("there is no task " + name + NearestName.hint(name, NAMES)
                    + "\nThere are: " + String.join(", ", NAMES) + "; a file of yours ends in .yaml");
        }
        return FileCall.resource(TaskFile.class, "task/" + name + ".yaml");
    }

    /**
     * A task.
     *
     * @param nameOrFile a YAML file, or a name of {@link #all}
     * @param overrides {@code key=value} each, stronger than the file
     * @throws ConfigException listing every fault
     * @throws RefusedException if there is no such file
     * @throws IllegalArgumentException if there is no such name
     */
    public static Task load(String nameOrFile, List<String> overrides) {
        Path file = Path.of(nameOrFile);
        boolean own = Files.isRegularFile(file) || nameOrFile.endsWith(".yaml") || nameOrFile.endsWith(".yml");
        if (own && !Files.exists(file)) {
            throw new RefusedException(
                    nameOrFile + ": no such file; \"psft eval --list\" names the tasks that come with"
                            + " psft, and \"psft eval --show NAME\" prints one to start from");
        }
        ConfigLoader loader = new ConfigLoader(SECTIONS);
        loader.read(own ? YamlReader.read(file) : YamlReader.table(nameOrFile, text(nameOrFile)), overrides);
        Map<Class<?>, Record> records = loader.records();
        loader.refuse(file, HELP);
        TaskSettings task = (TaskSettings) records.get(TaskSettings.class);
        try {
            return new Task(
                    task.name() == null ? named(task, file) : task,
                    (PromptSettings) records.get(PromptSettings.class),
                    (GenerationSettings) records.get(GenerationSettings.class),
                    (JudgeSettings) records.get(JudgeSettings.class),
                    (ChoiceSettings) records.get(ChoiceSettings.class));
        } catch (ParameterException e) {
            throw new ConfigException(nameOrFile, List.of(new Fault("prompt", e.getMessage())), HELP);
        }
    }

    private static TaskSettings named(TaskSettings task, Path file) {
        Map<String, Object> values = Setting.values(task);
        values.put("name", file.getFileName().toString().replaceFirst("\\.ya?ml$", ""));
        return Setting.create(TaskSettings.class, values);
    }
}
