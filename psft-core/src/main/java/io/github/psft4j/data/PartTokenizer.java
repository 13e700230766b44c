package io.github.psft4j.data;

import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.data.rows.RowSource;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import java.util.List;
import java.util.Set;

/**
 * Tokenises a part of a data set, such as on a machine of a cluster. The results of all parts, in their order, go to
 * {@link DemonstrationFiles#read(DataOptions, Tokenizer, ChatTemplate, RawRow, java.util.Iterator)}.
 */
public final class PartTokenizer {

    private final RowTokenizer rows;

    /**
     * @param tokenizer the model's; may be null for pre-tokenised rows
     * @param template the model's chat template, null if it has none
     * @param first row of the whole data set, whose columns decide the layout of all
     */
    public PartTokenizer(DataOptions options, Tokenizer tokenizer, ChatTemplate template, RawRow first) {
        this.rows = new RowTokenizer(options, tokenizer, template);
        rows.start(first);
    }

    /**
     * What the rows of a part say of the whole set.
     *
     * @param seen columns that hold something
     * @param read columns that were read
     * @param ends whether a trained token ends a sequence
     * @param notes what the user should know
     */
    public record Facts(Set<String> seen, Set<String> read, boolean ends, Set<String> notes) {}

    /**
     * Some results of a part.
     *
     * @param rows results in the order of the rows
     * @param fault message of the row behind them that ends the reading, null for none
     * @param facts of the part, null before its end
     * @param bytes of the rows, uncompressed
     */
    public record Piece(List<RowResult> rows, String fault, Facts facts, long bytes) {}

    /**
     * The result of a row.
     *
     * @throws DataFormatException if it is not a demonstration and the options do not leave such rows out
     */
    public RowResult result(RowSource.Result row) {
        return rows.result(row);
    }

    /**
     * What the rows so far say of the whole set.
     *
     * @param note of the file, null for none
     */
    public Facts facts(String note) {
        return rows.facts(note == null ? Set.of() : Set.of(note));
    }
}
