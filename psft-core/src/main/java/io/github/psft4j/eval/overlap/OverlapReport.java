package io.github.psft4j.eval.overlap;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The counts of an {@link OverlapCheck}.
 *
 * @param files counts of each file of the evaluation data
 * @param trainingRows that were read
 * @param overlappingTrainingRows that share a text with the evaluation data
 * @param rowsWithoutText training rows without any string, such as those of token ids; nothing is known of them
 * @param leftOut runs of 8 words and pieces of 25 characters that stand in more than ten evaluation texts; they begin
 *     no overlap
 * @param examples the overlaps with the longest shared runs, at most 20, one for each evaluation text
 */
public record OverlapReport(
        Map<Path, FileCounts> files,
        long trainingRows,
        long overlappingTrainingRows,
        long rowsWithoutText,
        long leftOut,
        List<Overlap> examples) {

    /**
     * Of one file of the evaluation data.
     *
     * @param rows of the file
     * @param overlapping rows of which a text is shared, in any way
     * @param byKind the same for each way
     */
    public record FileCounts(int rows, int overlapping, Map<OverlapKind, Integer> byKind) {}

    /** Rows of the evaluation data of which a text is shared. */
    public int overlapping() {
        return files.values().stream().mapToInt(FileCounts::overlapping).sum();
    }

    /** Rows of the evaluation data. */
    public int rows() {
        return files.values().stream().mapToInt(FileCounts::rows).sum();
    }
}
