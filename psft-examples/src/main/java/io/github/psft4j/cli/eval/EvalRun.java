package io.github.psft4j.cli.eval;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.Json;
import io.github.psft4j.cli.console.Versions;
import io.github.psft4j.cli.input.TaskInput;
import io.github.psft4j.config.TaskFile;
import io.github.psft4j.eval.backend.Backend;
import io.github.psft4j.eval.run.TaskListener;
import io.github.psft4j.eval.run.TaskResult;
import io.github.psft4j.eval.run.TaskRun;
import io.github.psft4j.eval.task.LoadedTask;
import io.github.psft4j.eval.task.Questions;
import io.github.psft4j.eval.task.Task;
import io.github.psft4j.io.Directories;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.monitor.report.EvalPages;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs tasks one after the other. Tasks and data are read before the model is loaded. */
final class EvalRun {

    private final BackendOptions backend;
    private final List<String> data;
    private final List<String> overrides;
    private final Path out;
    private final boolean overwrite;
    private final PrintWriter err; // null: quiet

    EvalRun(
            BackendOptions backend,
            List<String> data,
            List<String> overrides,
            Path out,
            boolean overwrite,
            PrintWriter err) {
        this.backend = backend;
        this.data = data;
        this.overrides = overrides;
        this.out = out;
        this.overwrite = overwrite;
        this.err = err;
    }

    /** The exit code: an evaluation with errors has failed, and the same command asks these questions again. */
    int run(List<String> names, boolean json, PrintWriter print) {
        List<LoadedTask> tasks = new ArrayList<>();
        Set<String> known = new HashSet<>();
        for (String name : names) {
            LoadedTask loaded = load(name, names.size());
            if (!known.add(loaded.name())) {
                throw new RefusedException("two tasks are called " + loaded.name() + "; set task.name in one");
            }
            Directories.requirePlace("--out", out.resolve(loaded.name()));
            tasks.add(loaded);
        }
        Map<String, TaskResult> results = new LinkedHashMap<>();
        try (Backend answers = backend.open()) {
            for (LoadedTask loaded : tasks) {
                results.put(loaded.name(), run(loaded, answers));
            }
        }
        print.println(json ? Json.text(results) : ResultText.of(List.copyOf(results.values())));
        long errors = results.values().stream()
                .mapToLong(r -> r.counts().get("errors"))
                .sum();
        if (errors > 0 && err != null) {
            err.println("psft: " + errors + " questions failed (error in items.jsonl) and are in no figure; the same"
                    + " command asks them again");
        }
        return errors > 0 ? ExitCodes.FAILED : ExitCodes.OK;
    }

    private LoadedTask load(String name, int tasks) {
        Task task = TaskFile.load(name, overrides);
        if (!data.isEmpty() && tasks > 1) {
            throw new RefusedException(
                    "--data is for one task; name the questions of several in their files" + " (task.data)");
        }
        LoadedTask asked = TaskInput.read(task, data);
        Questions questions = asked.questions();
        if (err != null) {
            int repeats = questions.rows() - questions.all().size();
            err.println(task.name() + ": " + questions.all().size() + " questions"
                    + (repeats == 0 ? "" : " in " + questions.rows() + " rows; equal rows are one question"));
        }
        return asked;
    }

    private TaskResult run(LoadedTask loaded, Backend answers) {
        Path dir = out.resolve(loaded.name());
        Map<String, String> more = Map.of("psft", Versions.all().get("psft"));
        TaskRun run = new TaskRun(loaded, answers, more);
        TaskListener listener = err == null ? TaskListener.NONE : new EvalProgress(err);
        TaskResult result = run.run(dir, overwrite, listener);
        EvalPages.write(dir);
        return result;
    }
}
