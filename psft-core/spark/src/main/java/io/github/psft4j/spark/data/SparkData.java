package io.github.psft4j.spark.data;

import io.github.psft4j.data.DemonstrationFiles;
import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.rows.DataFormatException;
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
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Data files of any file system of Hadoop. Tasks read and tokenise parts and leave the tokens on the disks of the
 * executors; the driver then takes one part after the other into its token file. So no machine holds more than some
 * parts in its heap, and order and tokens are those of a local file.
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

    private DemonstrationSet tokenised(
            List<DataPart> parts, DataOptions options, Tokenizer tokenizer, ChatTemplate template) throws IOException {
        for (DataPart part : parts) {
            RowSource.Result first = TokeniseFunction.first(part, settings);
            if (first == null) {
                continue;
            }
            SentFiles sent = tokenizer == null ? null : SentFiles.of(context, tokenizer);
            JavaRDD<RowsData> rows = context.parallelize(parts, parts.size())
                    .flatMap(new TokeniseFunction(settings, new DataSettings(options), sent, template, part));
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
                        first.row(),
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
        throw new DataFormatException(
                "there is no row in " + options.paths() + "; a data file has one JSON object per line, or is Parquet");
    }

    /** Has a part computed and kept. */
    private static Iterator<Integer> nothing(Iterator<RowsData> pieces) {
        pieces.forEachRemaining(piece -> {});
        return List.<Integer>of().iterator();
    }
}
