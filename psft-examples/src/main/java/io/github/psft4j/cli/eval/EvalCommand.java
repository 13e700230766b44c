package io.github.psft4j.cli.eval;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.Json;
import io.github.psft4j.cli.console.PsftCommand;
import io.github.psft4j.config.TaskFile;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code psft eval}. */
@Command(
        name = "eval",
        description = "Measure a model, an adapter or an endpoint on tasks, with intervals; compare two evaluations.",
        footer = {
            "",
            "A task says which questions are asked, in which words, and how answers count. It is a name of",
            "--list or a YAML file; --show NAME prints one to start from, \"psft config keys task\" (also prompt,",
            "generation, judge, choice) explains the settings. OUT/TASK gets items.jsonl (a line for each",
            "question), result.json (figures and all that they depend on) and report.html. The same command",
            "goes on where a broken-off evaluation stopped.",
            "",
            "Examples:",
            "  psft eval --list",
            "  psft eval --show gsm8k",
            "  psft eval --task gsm8k --data test.jsonl --model DIR --out evals/base --set task.limit=100",
            "  psft eval --task maths --data aime.parquet --endpoint http://127.0.0.1:8080/v1 --out evals/served",
            "  psft eval --task my.yaml --completions theirs.jsonl --out evals/theirs",
            "  psft eval --compare evals/base/gsm8k evals/tuned/gsm8k --out comparison.html"
        })
public final class EvalCommand extends PsftCommand {

    /** What to do; one of them. */
    static final class Action {
        @Option(names = "--task", paramLabel = "NAME|FILE", description = "Task to run; may be repeated.")
        private List<String> tasks;

        @Option(
                names = "--compare",
                arity = "2",
                paramLabel = "DIR",
                description = "Compare two finished evaluations of the same questions (OUT/TASK each): difference of"
                        + " the second to the first, interval, p-value, questions won and lost.")
        private List<Path> compare;

        @Option(names = "--list", description = "List the tasks that come with psft.")
        private boolean list;

        @Option(names = "--show", paramLabel = "NAME", description = "Print such a task, to be changed.")
        private String show;
    }

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Action action;

    @Mixin
    private BackendOptions backend;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "Questions, in place of task.data: JSONL, Parquet, CSV, or a directory; may be repeated.")
    private List<String> data = List.of();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where results are written, OUT/TASK for each task; with --compare an HTML file.")
    private Path out;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Setting that wins over the task's, such as generation.samples=8; may be repeated.")
    private List<String> overrides = List.of();

    @Option(names = "--overwrite", description = "Replace an evaluation with other settings in OUT.")
    private boolean overwrite;

    @Option(names = "--quiet", description = "Show no progress.")
    private boolean quiet;

    @Option(names = "--json", description = "Print the results as one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        if (action.list) {
            if (json) {
                out().println(Json.text(TaskFile.all()));
            } else {
                TaskFile.all().forEach((name, text) -> out().printf("%-16s %s%n", name, text));
            }
            return ExitCodes.OK;
        }
        if (action.show != null) {
            out().print(TaskFile.text(action.show));
            out().flush();
            return ExitCodes.OK;
        }
        if (action.compare != null) {
            out().println(CompareRun.run(action.compare.get(0), action.compare.get(1), out, json));
            return ExitCodes.OK;
        }
        if (out == null) {
            throw wrongUsage("--out DIR is missing: where results are written");
        }
        backend.check();
        backend.prepare();
        return new EvalRun(backend, data, overrides, out, overwrite, quiet ? null : err())
                .run(action.tasks, json, out());
    }
}
