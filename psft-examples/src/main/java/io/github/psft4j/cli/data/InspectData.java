package io.github.psft4j.cli.data;

import io.github.psft4j.cli.console.Json;
import io.github.psft4j.cli.input.DataSettings;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.config.ConfigLoader;
import io.github.psft4j.config.RunConfig;
import io.github.psft4j.config.Sections;
import io.github.psft4j.data.DataReport;
import io.github.psft4j.data.DemonstrationFiles;
import io.github.psft4j.data.RowReader;
import io.github.psft4j.data.RowResult;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.encode.TextSpan;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.io.Shown;
import io.github.psft4j.monitor.Terminal;
import java.io.PrintWriter;

/** Shows the demonstrations that rows become. */
final class InspectData {

    private static final String GREEN = "\u001b[32m";
    private static final String PLAIN = "\u001b[0m";

    private InspectData() {}

    static void run(DataCommand.Inspect request, PrintWriter out) {
        ModelFiles model = request.modelFiles();
        if (request.examples < 0 || request.maxRows < 0) {
            throw new RefusedException("--examples and --max-rows must be 0 or more, were " + request.examples + " and "
                    + request.maxRows);
        }
        RunConfig settings = ConfigLoader.section("data", request.overrides);
        DataOptions options = options(request, model, settings);
        String template = settings.get(Sections.Data.class).chatTemplate();
        boolean color = isColored(request.color);
        try (Tokenizer tokenizer = model == null ? null : model.tokenizer();
                RowReader rows = DemonstrationFiles.stream(
                        options, tokenizer, model == null ? null : model.template(template))) {
            int shown = request.json ? request.examples : 0;
            while (rows.hasNext()) {
                RowResult row = rows.next();
                if (row.kept() && shown < request.examples) {
                    shown++;
                    example(row, tokenizer, color, out);
                }
            }
            DataReport report = rows.report();
            if (request.json) {
                out.println(Json.text(DataSummary.values(report)));
            } else if (report.kept() > 0) {
                out.println(Shown.harmless(DataSummary.text(report)));
            }
            if (report.kept() == 0) {
                throw new RefusedException("no demonstration is left of " + report.rows() + " rows\n"
                        + String.join("\n", DataSummary.dropped(report)));
            }
        }
    }

    private static DataOptions options(DataCommand.Inspect request, ModelFiles model, RunConfig given) {
        RunConfig settings = given;
        if (model != null) {
            settings =
                    settings.withMaxLength(ModelFiles.longestRow(model.config().maxPositions()));
        }
        DataOptions.Builder builder = DataSettings.builder(settings.get(Sections.Data.class), request.files);
        if (!request.layout.equals("auto")) {
            builder.layout(DataSettings.layout(request.layout));
        }
        if (!request.lossOn.equals("auto")) {
            builder.lossOn(DataSettings.lossOn(request.lossOn));
        }
        if (request.badRows != null || !settings.isGiven("data.bad_rows")) {
            builder.badRows(DataSettings.badRows(request.badRows == null ? "drop" : request.badRows));
        }
        request.columns.forEach(builder::column);
        if (request.maxLength != null) {
            builder.maxLength(request.maxLength);
        }
        if (request.maxRows > 0) {
            builder.maxRows(request.maxRows);
        }
        return builder.build();
    }

    private static boolean isColored(String when) {
        return switch (when) {
            case "always" -> true;
            case "never" -> false;
            case "auto" -> Terminal.isInteractive() && System.getenv("NO_COLOR") == null;
            default -> throw new RefusedException("--color must be auto, always or never, was " + when);
        };
    }

    private static void example(RowResult row, Tokenizer tokenizer, boolean color, PrintWriter out) {
        out.printf(
                "---- %s: %d tokens, %d trained%s%n",
                Shown.harmless(row.row().location()),
                row.demonstration().length(),
                row.demonstration().trainedTokens(),
                row.truncated() ? ", cut from " + row.length() : "");
        for (Demonstration sequence : row.sequences()) { // of a pair the chosen answer, then the rejected one
            sequence(sequence, tokenizer, color, out);
        }
        out.println();
    }

    private static void sequence(Demonstration sequence, Tokenizer tokenizer, boolean color, PrintWriter out) {
        String open = color ? GREEN : "[[";
        String close = color ? PLAIN : "]]";
        if (tokenizer == null) {
            int[] tokens = sequence.tokens();
            boolean[] trained = sequence.lossMask();
            for (int t = 0; t < tokens.length; t++) {
                out.print((t > 0 ? " " : "") + (trained[t] ? open + tokens[t] + close : String.valueOf(tokens[t])));
            }
        } else {
            for (TextSpan span : TextSpan.of(sequence, tokenizer)) {
                String text = Shown.harmless(span.text());
                out.print(span.trained() ? open + text + close : text);
            }
        }
        out.println();
    }
}
