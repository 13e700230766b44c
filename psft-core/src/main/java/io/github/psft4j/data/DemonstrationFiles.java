package io.github.psft4j.data;

import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.rows.DataFiles;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Demonstrations from data files. */
public final class DemonstrationFiles {
    private static final Logger LOG = LoggerFactory.getLogger(DemonstrationFiles.class);
    private static final long NANOS_BETWEEN_LOGS = 10_000_000_000L;

    /** Fingerprint of files outside a cache, which no call looks up. */
    private static final String NO_FINGERPRINT = "0".repeat(64);

    private DemonstrationFiles() {}

    /**
     * Reads all rows, tokenises them and keeps them in a file outside the heap. With a cache directory it uses the file
     * that an earlier call made of the same content, tokenizer, template and options. A damaged one is made again.
     *
     * @param tokenizer the model's; may be null for {@link Layout#TOKENS}
     * @param template the model's chat template, null if it has none
     * @return the demonstrations, to be closed
     * @throws DataFormatException naming file, line, field and remedy, if a row or file is invalid, there is no row, or
     *     no row is left
     */
    public static DemonstrationSet read(DataOptions options, Tokenizer tokenizer, ChatTemplate template) {
        return FileCall.get(
                "cannot keep the tokens in a file",
                () -> options.cacheDir() == null
                        ? temporary(() -> stream(options, tokenizer, template))
                        : cached(options, tokenizer, template));
    }

    /**
     * Reads and tokenises row by row, without a cache.
     *
     * @return results in input order, dropped rows included; to be closed
     * @throws DataFormatException if there is no data file
     */
    public static RowReader stream(DataOptions options, Tokenizer tokenizer, ChatTemplate template) {
        RawRows rows = RawRows.open(options.paths());
        return new RowReader(rows, options, new RowTokenizer(options, tokenizer, template));
    }

    /**
     * Keeps rows in a file outside the heap that were tokenised elsewhere, with the bits, order and report of
     * {@link #read(DataOptions, Tokenizer, ChatTemplate)}. The file is temporary.
     *
     * @param options whose paths are the files of the rows, in their order
     * @param first row of the data that is not malformed; null if there is none
     * @param pieces what {@link PartTokenizer} made of all parts, in their order
     * @throws DataFormatException as the other method
     */
    public static DemonstrationSet read(
            DataOptions options,
            Tokenizer tokenizer,
            ChatTemplate template,
            RawRow first,
            Iterator<PartTokenizer.Piece> pieces) {
        RowTokenizer rows = new RowTokenizer(options, tokenizer, template);
        if (first != null) {
            rows.start(first);
        }
        return FileCall.get(
                "cannot keep the tokens in a file", () -> temporary(() -> new PartReader(pieces, options, rows)));
    }

    private static DemonstrationSet temporary(Supplier<RowResults> results) throws IOException {
        Path file = Files.createTempFile("psft-", ".tokens");
        try {
            AtomicFile.write(file, channel -> write(channel, NO_FINGERPRINT, results));
            file.toFile().deleteOnExit();
            return new DemonstrationSet(TokenFile.open(file, NO_FINGERPRINT), false, file);
        } catch (TokenFile.Unusable e) {
            throw new IOException(file + " was just written and cannot be used: " + e.getMessage(), e);
        } catch (RuntimeException | Error e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private static DemonstrationSet cached(DataOptions options, Tokenizer tokenizer, ChatTemplate template)
            throws IOException {
        List<Path> files = DataFiles.of(options.paths());
        String fingerprint = CacheKey.of(files, options, tokenizer, template);
        Path file =
                Files.createDirectories(options.cacheDir()).resolve("psft-" + fingerprint.substring(0, 32) + ".tokens");
        if (Files.exists(file)) {
            try {
                TokenFile tokens = TokenFile.open(file, fingerprint);
                LOG.info("{} demonstrations from the cache {}", tokens.size(), file);
                tokens.report().notes().forEach(LOG::warn);
                return new DemonstrationSet(tokens, true, null);
            } catch (TokenFile.Unusable e) {
                LOG.warn("the cache {} is made again: {}", file, e.getMessage());
            }
        }
        removeLeftOvers(options.cacheDir());
        AtomicFile.write(file, channel -> write(channel, fingerprint, () -> stream(options, tokenizer, template)));
        try {
            return new DemonstrationSet(TokenFile.open(file, fingerprint), false, null);
        } catch (TokenFile.Unusable e) {
            throw new IOException(file + " was just written and cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Removes what killed processes left of the files that they were writing; one that is being written is never a day
     * old.
     */
    private static void removeLeftOvers(Path cacheDir) {
        Instant limit = Instant.now().minus(1, ChronoUnit.DAYS);
        try (Stream<Path> files = Files.list(cacheDir)) {
            for (Path file : (Iterable<Path>) files.filter(AtomicFile::isTemporary)::iterator) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            LOG.warn("what an earlier process left in {} cannot be removed: {}", cacheDir, e.toString());
        }
    }

    private static void write(FileChannel channel, String fingerprint, Supplier<? extends RowResults> rows)
            throws IOException {
        long start = System.nanoTime();
        long lastLog = start;
        try (RowResults results = rows.get()) {
            TokenFileWriter writer = new TokenFileWriter(channel, fingerprint);
            while (results.hasNext()) {
                RowResult result = results.next();
                if (result.kept()) {
                    writer.add(result);
                }
                long now = System.nanoTime();
                if (now - lastLog > NANOS_BETWEEN_LOGS) {
                    lastLog = now;
                    LOG.info("tokenising: {} MB, {}", results.bytesRead() / 1_000_000, speed(results, now - start));
                }
            }
            DataReport report = results.report();
            requireSome(report);
            writer.finish(report, results.lengths());
            LOG.info("{}; {}", report.summary(), speed(results, System.nanoTime() - start));
            report.notes().forEach(LOG::warn);
        }
    }

    private static String speed(RowResults results, long nanos) {
        return String.format("%.1f MB/s", results.bytesRead() * 1e3 / nanos);
    }

    private static void requireSome(DataReport report) {
        if (report.rows() == 0) {
            throw new DataFormatException("there is no row in " + Shown.few(report.files()) + "; a data file has one"
                    + " JSON object per line, or is Parquet");
        }
        if (report.kept() == 0) {
            throw new DataFormatException("no demonstration is left of " + report.rows() + " rows: " + report.summary()
                    + "; the first: " + report.firstDropped().get(0));
        }
    }
}
