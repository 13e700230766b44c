package io.github.psft4j.eval.backend;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.data.RawRows;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.eval.task.GenerationSettings;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.io.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Completions that another program wrote, to be judged. A row has {@code completions}, or {@code samples} as the item
 * file of an evaluation has them, or one {@code completion}; a text, or an object with {@code completion},
 * {@code finish} and {@code tokens}. A column {@code number} says which question a row answers; without it the rows are
 * in the order of the questions.
 */
public final class GivenCompletions implements Backend {

    private final Path file;
    private final String sha256;
    private final Map<Integer, List<Completion>> byQuestion = new LinkedHashMap<>();

    /** @throws DataFormatException naming file and line, if a row has no completion */
    public GivenCompletions(Path file) {
        this.file = file;
        try {
            Sha256 sha = new Sha256();
            sha.add(file);
            sha256 = sha.hex();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e, e);
        }
        int next = 0;
        try (RawRows rows = RawRows.open(List.of(file))) {
            while (rows.hasNext()) {
                RawRow row = rows.next();
                int question = row.fields().path("number").asInt(next);
                next = question + 1;
                if (byQuestion.put(question, completions(row)) != null) {
                    throw new DataFormatException(row.location() + ": question " + question + " is answered twice");
                }
            }
        }
    }

    private static List<Completion> completions(RawRow row) {
        for (String name : List.of("samples", "completions", "completion")) {
            JsonNode value = row.fields().get(name);
            if (value != null && !value.isNull()) {
                List<Completion> out = new ArrayList<>();
                if (value.isArray()) {
                    value.forEach(each -> out.add(completion(row, each)));
                } else {
                    out.add(completion(row, value));
                }
                return out;
            }
        }
        throw new DataFormatException(row.location() + ": the row has no column samples, completions or completion");
    }

    private static Completion completion(RawRow row, JsonNode value) {
        JsonNode text = value.isObject() ? value.path("completion") : value;
        if (value.path("error").isTextual()) {
            return Completion.failed(value.get("error").textValue());
        }
        if (!text.isTextual()) {
            throw new DataFormatException(row.location() + ": a completion must be a text, was " + value);
        }
        return new Completion(
                text.textValue(),
                value.path("finish").asText("unknown"),
                value.path("tokens").asInt(-1),
                null);
    }

    @Override
    public boolean chats() {
        return true;
    }

    @Override
    public Map<String, String> identity() {
        return Map.of("completions", file.toString(), "completions_sha256", sha256);
    }

    @Override
    public void complete(
            List<CompletionRequest> requests, GenerationSettings settings, BiConsumer<Integer, List<Completion>> done) {
        for (int i = 0; i < requests.size(); i++) {
            int question = requests.get(i).question();
            List<Completion> own = byQuestion.get(question);
            if (own == null || own.size() != settings.samples()) {
                throw new RefusedException(file + " has " + (own == null ? "no" : own.size())
                        + " completions of question " + question + ", and generation.samples is " + settings.samples());
            }
            done.accept(i, own);
        }
    }

    @Override
    public void rate(List<RatingRequest> requests, BiConsumer<Integer, List<LogLikelihood>> done) {
        throw new RefusedException("completions of a file can be judged (task.kind: generate), not rated");
    }

    @Override
    public void rateTexts(List<String> texts, BiConsumer<Integer, LogLikelihood> done) {
        rate(List.of(), null);
    }

    @Override
    public void close() {
        // nothing is open
    }
}
