package io.github.psft4j.cli.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.cli.input.DataSettings;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.data.DemonstrationFiles;
import io.github.psft4j.data.RowReader;
import io.github.psft4j.data.RowResult;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.options.Truncation;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.eval.TokenScores;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.io.Shown;
import io.github.psft4j.monitor.event.LogNumbers;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Scores the rows of a file, batch by batch. */
final class ScoreRun {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ScoreRun() {}

    /** A line about all rows. */
    static String run(
            ModelFiles files, String dtype, Path input, Path output, int batch, String lossOn, boolean appendEos)
            throws IOException {
        if (batch < 1) {
            throw new RefusedException("--batch must be 1 or more, was " + batch);
        }
        if (Files.isDirectory(output)) {
            throw new RefusedException("--output " + output + " is a directory; give a file");
        }
        refuseToReplaceTheInput(input, output);
        DataOptions options = DataOptions.builder(input)
                .lossOn(DataSettings.lossOn(lossOn))
                .maxLength(ModelFiles.longestRow(files.check().longestSequence()))
                .truncation(Truncation.ERROR)
                .appendEos(appendEos)
                .build();
        Totals totals = new Totals();
        try (RowReader rows = DemonstrationFiles.stream(options, files.tokenizer(), files.template())) {
            rows.hasNext(); // a file that is no data is refused before the model is loaded
            Scorer scorer = new Scorer(files.load(dtype), batch);
            makeDirectoryOf(output);
            if (Files.exists(output) && !Files.isRegularFile(output)) {
                try (BufferedWriter out = Files.newBufferedWriter(output)) {
                    write(rows, options, scorer, batch, out, totals); // a pipe or device is there to be written to
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot write --output " + output + ": " + e.getMessage(), e);
                }
            } else {
                Path target = Files.exists(output) ? output.toRealPath() : output; // a link stays one
                AtomicFile.write(target, channel -> {
                    BufferedWriter out = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
                    write(rows, options, scorer, batch, out, totals);
                    out.flush();
                });
            }
        }
        return totals.line();
    }

    /** Totals over all rows. */
    private static final class Totals {
        private long rows;
        private long tokens;
        private double nll; // sum over trained tokens, nats

        String line() {
            double mean = nll / tokens;
            return Shown.format(
                    "%,d rows, %,d trained tokens%s",
                    rows,
                    tokens,
                    tokens == 0
                            ? ""
                            : Shown.format("; mean NLL %.4f nats/token, perplexity %.4g", mean, Math.exp(mean)));
        }
    }

    private static void makeDirectoryOf(Path output) throws IOException {
        try {
            Files.createDirectories(output.toAbsolutePath().getParent());
        } catch (FileAlreadyExistsException e) {
            throw new RefusedException("--output " + output + ": " + e.getFile() + " is a file, not a directory");
        }
    }

    /** The rows are read while the output is written. */
    private static void refuseToReplaceTheInput(Path input, Path output) throws IOException {
        if (!Files.exists(input) || !Files.isRegularFile(output)) {
            return;
        }
        Path directory = output.toRealPath().getParent();
        if (Files.isSameFile(input, output) || Files.isDirectory(input) && Files.isSameFile(input, directory)) {
            throw new RefusedException("--output " + output + " would replace what --input " + input
                    + " reads; give another file as --output");
        }
    }

    private static void write(
            RowReader rows, DataOptions options, Scorer scorer, int batch, BufferedWriter out, Totals totals)
            throws IOException {
        while (rows.hasNext()) {
            List<Demonstration> next = new ArrayList<>();
            List<Boolean> counted = new ArrayList<>();
            while (next.size() < batch && rows.hasNext()) {
                RowResult row = rows.next();
                next.add(row.kept() ? row.demonstration() : untrained(row, options));
                counted.add(row.kept());
            }
            write(next, counted, scorer, out, totals);
        }
    }

    /** A row in which nothing is trained still has tokens to be scored, where it holds their ids. */
    private static Demonstration untrained(RowResult row, DataOptions options) {
        JsonNode ids = row.row().fields().path(options.column("input_ids"));
        if (row.layout() != Layout.TOKENS || ids.size() < 2) {
            throw new RefusedException(row.row().location() + ": "
                    + row.dropped().words() + "; there is nothing to score in this row, remove it");
        }
        int[] tokens = new int[ids.size()];
        for (int t = 0; t < tokens.length; t++) {
            tokens[t] = ids.get(t).intValue();
        }
        return Demonstration.ofText(tokens);
    }

    private static void write(
            List<Demonstration> rows, List<Boolean> counted, Scorer scorer, BufferedWriter out, Totals totals)
            throws IOException {
        List<TokenScores> scores = scorer.score(rows);
        for (int i = 0; i < rows.size(); i++) {
            ObjectNode line = JSON.createObjectNode();
            boolean[] trained = rows.get(i).lossMask();
            float[] logProbs = scores.get(i).logProbs();
            int tokens = 0;
            double sum = 0;
            for (int t = 0; t < logProbs.length && counted.get(i); t++) {
                if (trained[t + 1]) {
                    tokens++;
                    sum -= logProbs[t];
                }
            }
            totals.rows++;
            totals.tokens += tokens;
            totals.nll += sum;
            line.put("tokens", tokens);
            line.put("nll", tokens > 0 ? LogNumbers.finite(sum / tokens) : null);
            put(line.putArray("token_logprobs"), logProbs);
            put(line.putArray("token_entropies"), scores.get(i).entropies());
            out.write(line.toString());
            out.newLine();
        }
    }

    private static void put(ArrayNode array, float[] values) {
        for (float value : values) {
            array.add(Float.isFinite(value) ? (Float) value : null); // JSON has no infinity
        }
    }
}
