package io.github.psft4j.spark.data;

import io.github.psft4j.data.DemonstrationFiles;
import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.data.rows.RowSource;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.spark.wire.SentFiles;
import io.github.psft4j.spark.wire.Stages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Data files of any file system of Hadoop, or rows of an RDD. Tasks read and tokenise parts and leave the tokens on the
 * disks of the executors; the driver then takes one part after the other into its token file. So no machine holds more
 * than some parts in its heap, and order and tokens are those of a local file.
 */
public final class SparkData {

    private static final String NEED = "A part of the data takes some hundred MB of heap while it is tokenised.";

    private final JavaSparkContext context;
    private final SerializableConfiguration settings;
    private final long partBytes;

    /** @param partBytes of a part, uncompressed, about */
    public SparkData(JavaSparkContext context, long partBytes) {
        this.context = context;
        this.settings = new SerializableConfiguration(context.hadoopConfiguration());
        this.partBytes = partBytes;
    }

    /**
     * The demonstrations of files and directories.
     *
     * @param paths their URIs
     * @param options of the reader, whose paths do not count
     * @param tokenizer the model's; may be null for pre-tokenised rows
     * @param template the model's chat template, null if it has none
     * @return the demonstrations, to be closed
     * @throws DataFormatException naming file, line, field and remedy, if a row or file is invalid, there is no row, or
     *     no row is left
     */
    public DemonstrationSet read(List<String> paths, DataOptions options, Tokenizer tokenizer, ChatTemplate template) {
        try {
            HadoopFiles files = new HadoopFiles(settings.value());
            List<String> uris = files.of(paths);
            List<DataPart> parts = new ArrayList<>();
            for (String uri : uris) {
                parts.addAll(files.parts(uri, partBytes));
            }
            DataOptions named = options.withPaths(uris.stream().map(Path::of).toList());
            return tokenised(numbered(parts), named, tokenizer, template);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + String.join(", ", paths) + ": " + e, e);
        }
    }

    /** The parts with the numbers of their first lines: a stage counts the lines before. */
    private List<DataPart> numbered(List<DataPart> parts) {
        if (parts.stream().noneMatch(DataPart::isLines)) {
            return parts;
        }
        SerializableConfiguration there = settings;
        List<Long> lines = Stages.collect(
                context.parallelize(parts, parts.size())
                        .map(part -> part.isLines() ? part.countLines(there.value()) : 0L),
                NEED);
        List<DataPart> out = new ArrayList<>();
        long before = 0;
        for (int i = 0; i < parts.size(); i++) {
            before = i > 0 && parts.get(i - 1).file().equals(parts.get(i).file()) ? before : 0;
            out.add(parts.get(i).behind(before));
            before += lines.get(i);
        }
        return out;
    }

    /**
     * The demonstrations of rows that a program has made, in the order of the RDD.
     *
     * @param rows each a JSON object
     * @param options of the reader, whose paths do not count
     * @param tokenizer the model's; may be null for pre-tokenised rows
     * @param template the model's chat template, null if it has none
     * @return the demonstrations, to be closed
     * @throws DataFormatException naming partition, row, field and remedy, if a row is invalid, there is no row, or no
     *     row is left
     */
    public DemonstrationSet read(
            JavaRDD<String> rows, DataOptions options, Tokenizer tokenizer, ChatTemplate template) {
        DataOptions named = options.withPaths(IntStream.range(0, rows.getNumPartitions())
                .mapToObj(RddRows::name)
                .toList());
        RddRows.First first = RddRows.first(rows);
        if (first == null) {
            throw new DataFormatException("the RDD has no row that is a JSON object; a Dataset<Row> gives them with"
                    + " dataset.toJSON().javaRDD()");
        }
        return tokenised(
                first.row(),
                named,
                tokenizer,
                template,
                sent -> rows.mapPartitionsWithIndex(new RddRows(new DataSettings(named), sent, template, first), true));
    }

    private DemonstrationSet tokenised(
            List<DataPart> parts, DataOptions options, Tokenizer tokenizer, ChatTemplate template) throws IOException {
        for (DataPart part : parts) {
            RowSource.Result first = TokeniseFunction.first(part, settings);
            if (first != null) {
                return tokenised(
                        first.row(),
                        options,
                        tokenizer,
                        template,
                        sent -> context.parallelize(parts, parts.size())
                                .flatMap(new TokeniseFunction(
                                        settings, new DataSettings(options), sent, template, part)));
            }
        }
        throw new DataFormatException(
                "there is no row in " + options.paths() + "; a data file has one JSON object per line, or is Parquet");
    }

    /** @param work of the tasks, given the files of the tokenizer, null without one */
    private DemonstrationSet tokenised(
            RawRow first,
            DataOptions options,
            Tokenizer tokenizer,
            ChatTemplate template,
            Function<SentFiles, JavaRDD<RowsData>> work) {
        SentFiles sent = tokenizer == null ? null : SentFiles.of(context, tokenizer);
        JavaRDD<RowsData> rows = work.apply(sent);
        try {
            if (options.maxRows() == Long.MAX_VALUE) { // otherwise parts are read as they are asked for
                rows.persist(StorageLevel.DISK_ONLY());
                Stages.collect(rows.mapPartitions(SparkData::nothing), NEED);
            }
            Iterator<RowsData> all = rows.toLocalIterator();
            return DemonstrationFiles.read(
                    options,
                    tokenizer,
                    template,
                    first,
                    StreamSupport.stream(((Iterable<RowsData>) () -> all).spliterator(), false)
                            .map(RowsData::piece)
                            .iterator());
        } finally {
            rows.unpersist(false);
            if (sent != null) {
                sent.destroy();
            }
        }
    }

    /** Has a part computed and kept. */
    private static Iterator<Integer> nothing(Iterator<RowsData> pieces) {
        pieces.forEachRemaining(piece -> {});
        return List.<Integer>of().iterator();
    }
}
