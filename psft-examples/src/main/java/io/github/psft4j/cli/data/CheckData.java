package io.github.psft4j.cli.data;

import io.github.psft4j.cli.console.Json;
import io.github.psft4j.config.Bundled;
import io.github.psft4j.eval.overlap.Overlap;
import io.github.psft4j.eval.overlap.OverlapCheck;
import io.github.psft4j.eval.overlap.OverlapJson;
import io.github.psft4j.eval.overlap.OverlapKind;
import io.github.psft4j.eval.overlap.OverlapReport;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Looks for evaluation data in training data, and says what it found. */
final class CheckData {

    private CheckData() {}

    static void run(DataCommand.Check request, PrintWriter out) {
        if (request.examples < 0) {
            throw new RefusedException("--examples must be 0 or more, was " + request.examples);
        }
        OverlapCheck check = new OverlapCheck(Bundled.resolve(request.against), request.columns);
        OverlapReport report = report(check, request);
        if (request.json) {
            out.println(Json.text(OverlapJson.of(report, request.examples)));
        } else {
            text(report, request.examples, out);
        }
    }

    private static OverlapReport report(OverlapCheck check, DataCommand.Check request) {
        if (request.out == null) {
            return check.run(Bundled.resolve(request.files), overlap -> {});
        }
        OverlapReport[] report = new OverlapReport[1];
        AtomicFile.write(Path.of(request.out), channel -> {
            PrintWriter lines = new PrintWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
            report[0] = check.run(
                    Bundled.resolve(request.files), overlap -> lines.println(Json.line(OverlapJson.of(overlap))));
            if (lines.checkError()) {
                throw new IOException("not every line could be written; is the disk full?");
            }
        });
        return report[0];
    }

    private static void text(OverlapReport report, int examples, PrintWriter out) {
        report.files().forEach((file, counts) -> {
            out.printf(
                    "%s: %,d of %,d rows share text with the training data%n",
                    Shown.harmless(file.toString()), counts.overlapping(), counts.rows());
            for (OverlapKind kind : OverlapKind.values()) {
                out.printf("  %,8d  %s%n", counts.byKind().get(kind), kind.words());
            }
        });
        out.printf(
                "training rows: %,d, of which %,d share text with the evaluation data%n",
                report.trainingRows(), report.overlappingTrainingRows());
        if (report.rowsWithoutText() > 0) {
            out.printf(
                    "%,d training rows hold no text, such as rows of token ids; nothing is known of them%n",
                    report.rowsWithoutText());
        }
        if (report.leftOut() > 0) {
            out.printf("%,d runs stand in more than ten evaluation texts and were left out%n", report.leftOut());
        }
        for (Overlap overlap : report.examples()
                .subList(0, Math.min(examples, report.examples().size()))) {
            out.println();
            out.println(Shown.harmless(
                    Shown.few(overlap.evaluation()) + " " + overlap.column() + " in " + overlap.training()));
            out.printf(
                    "  %d words in a row, %d characters; %.0f %% of the text%n",
                    overlap.words(), overlap.characters(), 100 * overlap.share());
            out.println("  " + Shown.brief(overlap.shared()));
        }
    }
}
