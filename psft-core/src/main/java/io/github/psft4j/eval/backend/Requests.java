package io.github.psft4j.eval.backend;

import io.github.psft4j.io.RefusedException;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Requests that are on the way at the same time; their results arrive on the caller's thread. */
final class Requests implements AutoCloseable {

    /** One request. */
    @FunctionalInterface
    interface Call<T> {
        T send(int index) throws IOException, InterruptedException;
    }

    private record Outcome<T>(int index, T value, RuntimeException refused) {}

    private final int concurrent;
    private final ExecutorService threads;

    Requests(int concurrent) {
        if (concurrent < 1) {
            throw new RefusedException("--concurrent must be 1 or more, was " + concurrent);
        }
        this.concurrent = concurrent;
        this.threads = Executors.newFixedThreadPool(concurrent, task -> {
            Thread thread = new Thread(task, "psft-eval-request");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Sends all.
     *
     * @param failed makes a result of the message of a request that failed
     * @throws RuntimeException of a request that says that none can succeed; the others are not sent
     */
    <T> void run(int n, Call<T> call, Function<String, T> failed, BiConsumer<Integer, T> done) {
        BlockingQueue<Outcome<T>> arrived = new LinkedBlockingQueue<>();
        Semaphore room = new Semaphore(4 * concurrent);
        int sent = 0;
        int received = 0;
        try {
            while (received < n) {
                while (sent < n && room.tryAcquire()) {
                    int index = sent++;
                    threads.execute(() -> arrived.add(outcome(index, call, failed)));
                }
                Outcome<T> outcome = arrived.take();
                room.release();
                received++;
                if (outcome.refused() != null) {
                    close();
                    throw outcome.refused();
                }
                done.accept(outcome.index(), outcome.value());
            }
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new RefusedException("interrupted; the same command goes on where it stopped", e);
        }
    }

    private static <T> Outcome<T> outcome(int index, Call<T> call, Function<String, T> failed) {
        try {
            return new Outcome<>(index, call.send(index), null);
        } catch (IOException e) {
            return new Outcome<>(index, failed.apply(e.getMessage()), null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome<>(index, failed.apply("interrupted"), null);
        } catch (RuntimeException e) {
            return new Outcome<>(index, null, e);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
