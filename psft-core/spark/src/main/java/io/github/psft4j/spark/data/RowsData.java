package io.github.psft4j.spark.data;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.psft4j.data.PartTokenizer;
import io.github.psft4j.data.RowResult;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.encode.DropReason;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.rows.RawRow;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Some tokenised rows of a part on their way to the driver. */
final class RowsData implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final Row[] rows;
    private final String fault; // null for none
    private final long bytes;
    private final String[][] facts; // seen, read, notes; null before the end of the part
    private final boolean ends;

    /** One of them. */
    private static final class Row implements Serializable {

        private static final long serialVersionUID = 1L;

        private final long number;
        private final Layout layout;
        private final int[][] tokens; // [sequences][length]
        private final boolean[][] masks;
        private final double weight;
        private final int length;
        private final DropReason dropped;
        private final String detail;
        private final String[] notes;

        Row(RowResult result) {
            number = result.row().number();
            layout = result.layout();
            tokens = result.sequences().stream().map(Demonstration::tokens).toArray(int[][]::new);
            masks = result.sequences().stream().map(Demonstration::lossMask).toArray(boolean[][]::new);
            weight = result.weight();
            length = result.length();
            dropped = result.dropped();
            detail = result.detail();
            notes = result.notes().toArray(String[]::new);
        }

        RowResult result(Path file) {
            List<Demonstration> sequences = new ArrayList<>();
            for (int i = 0; i < tokens.length; i++) {
                sequences.add(new Demonstration(tokens[i], masks[i]));
            }
            RawRow row = new RawRow(file, number, JsonNodeFactory.instance.objectNode());
            return new RowResult(row, layout, sequences, weight, length, dropped, detail, List.of(notes));
        }
    }

    /**
     * @param fault message of the row behind them that ends the reading, null for none
     * @param facts of the part, null before its end
     */
    RowsData(String file, List<RowResult> results, String fault, PartTokenizer.Facts facts, long bytes) {
        this.file = file;
        this.rows = results.stream().map(Row::new).toArray(Row[]::new);
        this.fault = fault;
        this.bytes = bytes;
        this.facts = facts == null
                ? null
                : Stream.of(facts.seen(), facts.read(), facts.notes())
                        .map(names -> names.toArray(String[]::new))
                        .toArray(String[][]::new);
        this.ends = facts != null && facts.ends();
    }

    PartTokenizer.Piece piece() {
        Path path = Path.of(file);
        return new PartTokenizer.Piece(
                Stream.of(rows).map(row -> row.result(path)).toList(),
                fault,
                facts == null
                        ? null
                        : new PartTokenizer.Facts(Set.of(facts[0]), Set.of(facts[1]), ends, Set.of(facts[2])),
                bytes);
    }
}
