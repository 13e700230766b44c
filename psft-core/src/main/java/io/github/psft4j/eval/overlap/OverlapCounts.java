package io.github.psft4j.eval.overlap;

import io.github.psft4j.eval.overlap.OverlapReport.FileCounts;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts the rows of evaluation data that overlap. */
final class OverlapCounts {

    private static final int EXAMPLES = 20;

    private final EvaluationTexts evaluation;
    private final Map<OverlapKind, BitSet> rows = new EnumMap<>(OverlapKind.class);
    private final Map<Integer, Overlap> best = new HashMap<>();
    private String lastTraining = "";
    private long trainingRows;
    private long overlappingRows;
    private long withoutText;

    OverlapCounts(EvaluationTexts evaluation) {
        this.evaluation = evaluation;
        for (OverlapKind kind : OverlapKind.values()) {
            rows.put(kind, new BitSet());
        }
    }

    void row(boolean hasText) {
        trainingRows++;
        withoutText += hasText ? 0 : 1;
    }

    void add(int text, Overlap overlap) {
        overlappingRows += overlap.training().equals(lastTraining) ? 0 : 1;
        lastTraining = overlap.training();
        for (OverlapKind kind : overlap.kinds()) {
            evaluation.texts.get(text).rows().forEach(rows.get(kind)::set);
        }
        best.merge(text, overlap, (a, b) -> length(b) > length(a) ? b : a);
    }

    private static int length(Overlap overlap) {
        return overlap.shared().length();
    }

    OverlapReport report() {
        Map<Path, FileCounts> files = new LinkedHashMap<>();
        evaluation.rowsOfFiles.forEach((file, count) -> files.put(file, counts(file, count)));
        List<Overlap> examples = best.values().stream()
                .sorted(Comparator.comparingInt(OverlapCounts::length)
                        .reversed()
                        .thenComparing(overlap -> overlap.evaluation().get(0)))
                .limit(EXAMPLES)
                .toList();
        long leftOut = evaluation.runs.leftOut() + evaluation.pieces.leftOut();
        return new OverlapReport(files, trainingRows, overlappingRows, withoutText, leftOut, examples);
    }

    private FileCounts counts(Path file, int count) {
        BitSet any = new BitSet();
        Map<OverlapKind, Integer> byKind = new EnumMap<>(OverlapKind.class);
        rows.forEach((kind, set) -> {
            BitSet here = (BitSet) set.clone();
            here.stream()
                    .filter(row -> !evaluation.fileOfRow.get(row).equals(file))
                    .forEach(here::clear);
            byKind.put(kind, here.cardinality());
            any.or(here);
        });
        return new FileCounts(count, any.cardinality(), byKind);
    }
}
