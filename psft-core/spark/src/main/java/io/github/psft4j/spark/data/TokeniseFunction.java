package io.github.psft4j.spark.data;

import io.github.psft4j.data.PartTokenizer;
import io.github.psft4j.data.RowResult;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RowSource;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.spark.wire.SentFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.util.SerializableConfiguration;

/** Reads and tokenises a part of the data, some rows in memory at a time. */
final class TokeniseFunction implements FlatMapFunction<DataPart, RowsData> {

    private static final long serialVersionUID = 1L;

    private static final int ROWS = 256;

    /** Of the rows in memory, as the file has them. */
    private static final long BYTES = 1 << 20;

    private final SerializableConfiguration settings;
    private final DataSettings options;
    private final SentFiles tokenizer; // null without
    private final ChatTemplate template; // null without
    private final DataPart first; // has the first row of the data that is one

    TokeniseFunction(
            SerializableConfiguration settings,
            DataSettings options,
            SentFiles tokenizer,
            ChatTemplate template,
            DataPart first) {
        this.settings = settings;
        this.options = options;
        this.tokenizer = tokenizer;
        this.template = template;
        this.first = first;
    }

    /** The first row of a part that is one, null without any. */
    static RowSource.Result first(DataPart part, SerializableConfiguration settings) throws IOException {
        try (RowSource source = part.open(settings.value())) {
            RowSource.Result result = source.next();
            while (result != null && result.fault() != null) {
                result = source.next();
            }
            return result;
        }
    }

    @Override
    public Iterator<RowsData> call(DataPart part) throws IOException {
        Tokenizer text = tokenizer == null ? null : tokenizer.with(Tokenizer::load);
        PartTokenizer rows = new PartTokenizer(
                options.options(part.name()),
                text,
                template,
                first(first, settings).row());
        return new Pieces(part, part.open(settings.value()), rows, text);
    }

    /** Ends with the fault that ends the reading, or with the facts of the part. */
    private static final class Pieces implements Iterator<RowsData> {

        private final DataPart part;
        private final RowSource source;
        private final PartTokenizer rows;
        private final Tokenizer tokenizer;
        private boolean ended;

        Pieces(DataPart part, RowSource source, PartTokenizer rows, Tokenizer tokenizer) {
            this.part = part;
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
                throw new UncheckedIOException("cannot read " + part.file() + ": " + e, e);
            }
            if (ended) {
                close();
            }
            return new RowsData(
                    part.file(), results, fault, ended ? rows.facts(source.note()) : null, source.bytes() - start);
        }

        private void close() {
            try {
                source.close();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot close " + part.file(), e);
            }
            if (tokenizer != null) {
                tokenizer.close();
            }
        }
    }
}
