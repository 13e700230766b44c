package io.github.psft4j.spark.data;

import io.github.psft4j.data.PartTokenizer;
import io.github.psft4j.data.rows.JsonlSource;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.data.rows.RowSource;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.Shown;
import io.github.psft4j.spark.wire.SentFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function2;

/** Tokenises the JSON objects of a partition of an RDD, which messages name like a file. */
final class RddRows implements Function2<Integer, Iterator<String>, Iterator<RowsData>> {

    private static final long serialVersionUID = 1L;

    private final DataSettings options;
    private final SentFiles tokenizer; // null without
    private final ChatTemplate template; // null without
    private final First first;

    /** @param first row of the RDD that is one */
    RddRows(DataSettings options, SentFiles tokenizer, ChatTemplate template, First first) {
        this.options = options;
        this.tokenizer = tokenizer;
        this.template = template;
        this.first = first;
    }

    /** The name of a partition in messages. */
    static Path name(int partition) {
        return Path.of(Shown.format("partition-%05d", partition));
    }

    /** A row of a partition. */
    static final class First implements Serializable {

        private static final long serialVersionUID = 1L;

        private final int partition;
        private final String text;

        private First(int partition, String text) {
            this.partition = partition;
            this.text = text;
        }

        RawRow row() {
            try {
                return source(partition, List.of(text).iterator()).next().row();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read a row from memory", e);
            }
        }
    }

    /** The first row that is a JSON object, null without any; partitions behind it are not computed. */
    static First first(JavaRDD<String> rows) {
        Iterator<First> firsts =
                rows.mapPartitionsWithIndex(RddRows::firstOf, true).toLocalIterator();
        return firsts.hasNext() ? firsts.next() : null;
    }

    private static Iterator<First> firstOf(int partition, Iterator<String> rows) throws IOException {
        while (rows.hasNext()) {
            String text = rows.next();
            RowSource.Result result =
                    source(partition, List.of(text).iterator()).next();
            if (result != null && result.fault() == null) {
                return List.of(new First(partition, text)).iterator();
            }
        }
        return List.<First>of().iterator();
    }

    @Override
    public Iterator<RowsData> call(Integer partition, Iterator<String> rows) {
        Tokenizer text = tokenizer == null ? null : tokenizer.with(Tokenizer::load);
        Path name = name(partition);
        PartTokenizer part = new PartTokenizer(options.options(name), text, template, first.row());
        return new Pieces(name.toString(), source(partition, rows), part, text);
    }

    private static RowSource source(int partition, Iterator<String> rows) {
        return new JsonlSource(
                name(partition),
                new SequenceInputStream(new Enumeration<InputStream>() {
                    @Override
                    public boolean hasMoreElements() {
                        return rows.hasNext();
                    }

                    @Override
                    public InputStream nextElement() {
                        // Between tokens JSON has line feeds as it has spaces, and in strings neither.
                        String line = rows.next().replace('\n', ' ') + "\n";
                        return new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8));
                    }
                }),
                0);
    }
}
