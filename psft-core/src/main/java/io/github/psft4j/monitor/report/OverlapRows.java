package io.github.psft4j.monitor.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rows of the tables of evaluation data in training data. */
final class OverlapRows {

    static final List<String> COUNTS = List.of(
            "run",
            "evaluation data",
            "rows",
            "share text",
            "whole text",
            "13 words",
            "half, by 8 words",
            "50 characters");

    static final List<String> EXAMPLES = List.of("run", "evaluation row", "training row", "shared text");

    private static final List<String> FIELDS =
            List.of("rows", "overlapping", "exact", "thirteen_words", "eight_words", "fifty_characters");

    private OverlapRows() {}

    /** One row for each file of the evaluation data. */
    static List<List<String>> counts(String run, JsonNode overlap) {
        List<List<String>> rows = new ArrayList<>();
        for (Map.Entry<String, JsonNode> file : overlap.path("files").properties()) {
            List<String> row = new ArrayList<>(List.of(run, file.getKey()));
            FIELDS.forEach(field -> row.add(file.getValue().path(field).asText()));
            rows.add(row);
        }
        return rows;
    }

    /** One row for each overlap that is shown. */
    static List<List<String>> examples(String run, JsonNode overlap) {
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode example : overlap.path("examples")) {
            rows.add(List.of(
                    run,
                    example.path("evaluation").path(0).asText() + " "
                            + example.path("column").asText(),
                    example.path("training").asText(),
                    example.path("shared").asText()));
        }
        return rows;
    }
}
