package io.github.psft4j.cli.train;

import io.github.psft4j.cli.console.Json;
import io.github.psft4j.config.Bundled;
import io.github.psft4j.config.RunConfig;
import io.github.psft4j.config.Sections.Data;
import io.github.psft4j.config.Sections.Eval;
import io.github.psft4j.config.TaskFile;
import io.github.psft4j.data.rows.DataFiles;
import io.github.psft4j.eval.overlap.OverlapCheck;
import io.github.psft4j.eval.overlap.OverlapJson;
import io.github.psft4j.eval.overlap.OverlapReport;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.Shown;
import io.github.psft4j.monitor.files.RunDirectory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Looks for the held-out data of a run, and the questions of its tasks, in its training data: once, for its report. */
final class TrainingOverlap {

    private static final int EXAMPLES = 10;

    private TrainingOverlap() {}

    static void write(RunConfig config, Path runDir, boolean resumed, Consumer<String> say) {
        Eval eval = config.get(Eval.class);
        Path file = new RunDirectory(runDir).overlap();
        Set<String> names = new LinkedHashSet<>(eval.data() == null ? List.of() : eval.data());
        for (String task : eval.tasks()) {
            names.addAll(TaskFile.load(task, List.of()).task().data());
        }
        if (names.isEmpty() || !eval.overlap() || resumed && Files.exists(file)) {
            return;
        }
        List<String> trained = config.get(Data.class).train();
        if (trained.stream().anyMatch(DataFiles::isRemote)) {
            say.accept("data.train is read by the cluster, so no overlap with held-out text is looked for");
            return;
        }
        String what =
                eval.tasks().isEmpty() ? "eval.data" : eval.data() == null ? "eval.tasks" : "eval.data, eval.tasks";
        Optional<OverlapCheck> check = OverlapCheck.ofTexts(Bundled.resolve(names));
        if (check.isEmpty()) {
            say.accept(what + ": no text of three words or more, so no overlap with data.train is looked for");
            return;
        }
        OverlapReport report = check.get().run(Bundled.resolve(trained), overlap -> {});
        byte[] json = Json.text(OverlapJson.of(report, EXAMPLES)).getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, channel -> channel.write(ByteBuffer.wrap(json)));
        if (report.overlapping() > 0) {
            say.accept(Shown.format(
                    "%s: %,d of %,d rows share text with data.train; psft data check shows where",
                    what, report.overlapping(), report.rows()));
        }
    }
}
