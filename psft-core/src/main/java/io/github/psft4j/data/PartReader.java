package io.github.psft4j.data;

import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.rows.DataFormatException;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;

/** The results of rows that were tokenised elsewhere, part by part. */
final class PartReader implements RowResults {

    private final Iterator<PartTokenizer.Piece> pieces;
    private final DataOptions options;
    private final RowTokenizer tokenizer;
    private final ReportBuilder report;
    private final Set<String> notes = new LinkedHashSet<>();
    private Iterator<RowResult> current = List.<RowResult>of().iterator();
    private String fault;
    private long read;
    private long bytes;

    /** @param tokenizer which has the layout of the set */
    PartReader(Iterator<PartTokenizer.Piece> pieces, DataOptions options, RowTokenizer tokenizer) {
        this.pieces = pieces;
        this.options = options;
        this.tokenizer = tokenizer;
        this.report = new ReportBuilder(options.paths(), options);
    }

    @Override
    public boolean hasNext() {
        while (!current.hasNext()) {
            if (read == options.maxRows()) {
                return false;
            }
            if (fault != null) {
                throw new DataFormatException(fault);
            }
            if (!pieces.hasNext()) {
                return false;
            }
            PartTokenizer.Piece piece = pieces.next();
            current = piece.rows().iterator();
            fault = piece.fault();
            bytes += piece.bytes();
            if (piece.facts() != null) {
                tokenizer.add(piece.facts());
                notes.addAll(piece.facts().notes());
            }
        }
        return read < options.maxRows();
    }

    @Override
    public RowResult next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the data are at their end");
        }
        RowResult result = current.next();
        read++;
        report.add(result);
        return result;
    }

    @Override
    public DataReport report() {
        notes.forEach(report::note);
        return report.build(tokenizer.unread(), tokenizer.layout() == null ? null : tokenizer.endlessNote());
    }

    @Override
    public int[] lengths() {
        return report.lengths();
    }

    @Override
    public long bytesRead() {
        return bytes;
    }

    @Override
    public void close() {}
}
