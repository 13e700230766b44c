package io.github.psft4j.eval.overlap;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Overlaps as maps, lists, texts and numbers, for JSON. */
public final class OverlapJson {

    private OverlapJson() {}

    /**
     * The counts, and the longest overlaps.
     *
     * @param examples overlaps at most
     */
    public static Map<String, Object> of(OverlapReport report, int examples) {
        Map<String, Object> files = new LinkedHashMap<>();
        report.files().forEach((file, counts) -> {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("rows", counts.rows());
            values.put("overlapping", counts.overlapping());
            counts.byKind().forEach((kind, rows) -> values.put(name(kind), rows));
            files.put(file.toString(), values);
        });
        List<Map<String, Object>> longest =
                report.examples().stream().limit(examples).map(OverlapJson::of).toList();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("files", files);
        out.put("training_rows", report.trainingRows());
        out.put("overlapping_training_rows", report.overlappingTrainingRows());
        out.put("training_rows_without_text", report.rowsWithoutText());
        out.put("left_out", report.leftOut());
        out.put("examples", longest);
        return out;
    }

    /** One overlap. */
    public static Map<String, Object> of(Overlap overlap) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("evaluation", overlap.evaluation());
        out.put("column", overlap.column());
        out.put("training", overlap.training());
        out.put("kinds", overlap.kinds().stream().map(OverlapJson::name).toList());
        out.put("words", overlap.words());
        out.put("share", overlap.share());
        out.put("characters", overlap.characters());
        out.put("shared", overlap.shared());
        return out;
    }

    private static String name(OverlapKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
