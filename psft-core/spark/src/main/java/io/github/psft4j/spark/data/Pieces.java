package io.github.psft4j.spark.data;

import io.github.psft4j.data.PartTokenizer;
import io.github.psft4j.data.RowResult;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RowSource;
import io.github.psft4j.hf.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * What becomes of the rows of a part, some of them in memory at a time. It ends with the fault that ends the reading,
 * or with the facts of the part.
 */
final class Pieces implements Iterator<RowsData> {

    private static final int ROWS = 256;

    /** Of the rows in memory, as the file has them. */
    private static final long BYTES = 1 << 20;

    private final String file;
    private final RowSource source;
    private final PartTokenizer rows;
    private final Tokenizer tokenizer;
    private boolean ended;

    /** @param tokenizer is closed at the end; null without */
    Pieces(String file, RowSource source, PartTokenizer rows, Tokenizer tokenizer) {
        this.file = file;
        this.source = source;
        this.rows = rows;
        this.tokenizer = tokenizer;
    }

    @Override
    public boolean hasNext() {
        return !ended;
    }

    @Override
    public RowsData next() {
        if (ended) {
            throw new NoSuchElementException("the part is at its end");
        }
        List<RowResult> results = new ArrayList<>();
        long start = source.bytes();
        String fault = null;
        try {
            while (!ended && results.size() < ROWS && source.bytes() - start < BYTES) {
                RowSource.Result row = source.next();
                ended = row == null;
                if (!ended) {
                    results.add(rows.result(row));
                }
            }
        } catch (DataFormatException e) {
            fault = e.getMessage();
            ended = true;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e, e);
        }
        if (ended) {
            close();
        }
        return new RowsData(file, results, fault, ended ? rows.facts(source.note()) : null, source.bytes() - start);
    }

    private void close() {
        try {
            source.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + file, e);
        }
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
