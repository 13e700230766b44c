package io.github.psft4j.data;

import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RowSource;
import io.github.psft4j.io.Futures;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The rows of data files, tokenised, in input order and without gaps: a dropped row is a result without a
 * demonstration. Rows are tokenised ahead by several threads; a bounded number of them is in memory. Not thread-safe.
 */
public final class RowReader implements RowResults {
    private static final int CHUNK_ROWS = 64;
    private static final long CHUNK_BYTES = 1 << 18;
    private static final AtomicInteger THREADS = new AtomicInteger();

    /** Rows that wait, as text. Tokenised, they take several times that. */
    private static final long MAX_WAITING_BYTES = 8 << 20;

    /** Rows that are being tokenised. */
    private record Chunk(CompletableFuture<List<Outcome>> outcomes, long bytes) {}

    /** The result of a row, or the fault that ends the reading. */
    private record Outcome(RowResult result, DataFormatException fault) {}

    private final RawRows rows;
    private final DataOptions options;
    private final RowTokenizer tokenizer;
    private final ReportBuilder report;
    private final ExecutorService workers;
    private final Deque<Chunk> chunks = new ArrayDeque<>();
    private Iterator<Outcome> current = List.<Outcome>of().iterator();
    private DataFormatException fileFault;
    private long read;
    private long waitingBytes;
    private boolean ended;

    RowReader(RawRows rows, DataOptions options, RowTokenizer tokenizer) {
        this.rows = rows;
        this.options = options;
        this.tokenizer = tokenizer;
        this.report = new ReportBuilder(rows.files(), options);
        this.workers = Executors.newFixedThreadPool(options.threads(), task -> {
            Thread thread = new Thread(task, "psft-tokenise-" + THREADS.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public boolean hasNext() {
        while (!current.hasNext()) {
            while (!ended && chunks.size() < 2 * options.threads() && waitingBytes < MAX_WAITING_BYTES) {
                submit();
            }
            if (chunks.isEmpty()) {
                if (fileFault != null) {
                    throw fileFault;
                }
                return false;
            }
            Chunk chunk = chunks.remove();
            waitingBytes -= chunk.bytes();
            current = Futures.join(chunk.outcomes()).iterator();
        }
        return true;
    }

    /** @throws DataFormatException naming file, line, field and remedy, if the next row is not a demonstration */
    @Override
    public RowResult next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the data files are at their end");
        }
        Outcome outcome = current.next();
        if (outcome.fault() != null) {
            throw outcome.fault();
        }
        report.add(outcome.result());
        return outcome.result();
    }

    /** Reads a chunk of rows here and has it tokenised by a worker. */
    private void submit() {
        List<RowSource.Result> chunk = new ArrayList<>();
        long start = rows.bytes();
        try {
            while (chunk.size() < CHUNK_ROWS && rows.bytes() - start < CHUNK_BYTES) {
                if (read == options.maxRows() || !rows.hasNext()) {
                    ended = true;
                    break;
                }
                RowSource.Result row = rows.nextResult();
                read++;
                if (row.fault() == null && tokenizer.layout() == null) {
                    tokenizer.start(row.row());
                }
                chunk.add(row);
            }
        } catch (DataFormatException e) {
            fileFault = e; // thrown when the rows before it have been returned
            ended = true;
        }
        if (!chunk.isEmpty()) {
            long bytes = rows.bytes() - start;
            waitingBytes += bytes;
            chunks.add(new Chunk(CompletableFuture.supplyAsync(() -> make(chunk), workers), bytes));
        }
    }

    private List<Outcome> make(List<RowSource.Result> chunk) {
        List<Outcome> outcomes = new ArrayList<>(chunk.size());
        for (RowSource.Result row : chunk) {
            outcomes.add(make(row));
        }
        return outcomes;
    }

    private Outcome make(RowSource.Result row) {
        try {
            return new Outcome(tokenizer.result(row), null);
        } catch (DataFormatException e) {
            return new Outcome(null, e);
        }
    }

    /** Counts of the results returned so far. */
    @Override
    public DataReport report() {
        rows.notes().forEach(report::note);
        return report.build(tokenizer.unread(), tokenizer.layout() == null ? null : tokenizer.endlessNote());
    }

    @Override
    public int[] lengths() {
        return report.lengths();
    }

    /** Bytes of rows read so far, uncompressed. */
    @Override
    public long bytesRead() {
        return rows.bytes();
    }

    /** Stops the workers and closes the file that is open. */
    @Override
    public void close() {
        workers.shutdownNow();
        rows.close();
    }
}
