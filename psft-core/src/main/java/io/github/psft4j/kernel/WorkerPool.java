package io.github.psft4j.kernel;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team of threads that runs the same task once per worker and meets at a barrier.
 *
 * <p>The calling thread is worker 0. Shares are a function of the problem size and the number of workers alone
 * ({@link #start}), never of timing, so results repeat bit for bit. Workers spin for some microseconds before they
 * park, because the next operation of a training step usually follows at once. Calls from several threads take turns; a
 * task must not start another one on the same pool. The threads end when the pool becomes unreachable.
 */
public final class WorkerPool {

    /** Number of threads of the shared pool; default: the processors that the JVM sees. */
    public static final String THREADS_PROPERTY = "psft.threads";

    private static final int SPINS_BEFORE_PARK = 4_000;
    private static final Cleaner CLEANER = Cleaner.create();

    /** Work of one worker. */
    @FunctionalInterface
    public interface Task {
        /** Runs share {@code worker} of 0 .. {@link WorkerPool#workers()} - 1. */
        void run(int worker);
    }

    private static final class Shared {
        static final WorkerPool POOL = new WorkerPool(
                Integer.getInteger(THREADS_PROPERTY, Runtime.getRuntime().availableProcessors()));
    }

    private final int workers;
    private final Team team;

    /** A pool of the given number of workers, one of which is the caller. */
    public WorkerPool(int workers) {
        if (workers < 1) {
            throw new IllegalArgumentException(
                    "a pool needs at least 1 worker, got " + workers + " (property " + THREADS_PROPERTY + ")");
        }
        this.workers = workers;
        this.team = new Team(workers);
        CLEANER.register(this, team::dismiss);
    }

    /** The pool that the whole process shares, sized by {@link #THREADS_PROPERTY}. */
    public static WorkerPool shared() {
        return Shared.POOL;
    }

    /** Number of workers, the caller included. */
    public int workers() {
        return workers;
    }

    /**
     * First element of share {@code part} when n elements are split into {@code parts} shares; share i ends at start(n,
     * i + 1).
     */
    public static int start(int n, int part, int parts) {
        return (int) ((long) n * part / parts);
    }

    /** Elements [from, to) of one worker. */
    public interface Range {
        void run(int from, int to, int worker);
    }

    /** Splits n elements among the workers in contiguous shares; workers without any are not called. */
    public void share(int n, Range range) {
        run(id -> {
            int from = start(n, id, workers);
            int to = start(n, id + 1, workers);
            if (from < to) {
                range.run(from, to, id);
            }
        });
    }

    /**
     * Runs the task once per worker and returns when all have finished; the first exception is thrown to the caller.
     */
    public synchronized void run(Task work) {
        if (workers == 1) {
            work.run(0);
            return;
        }
        team.run(work);
    }

    /** What the threads know; not the pool, which could otherwise never become unreachable. */
    private static final class Team {

        private final Thread[] threads; // [workers], entry 0 is the caller and stays null
        private final AtomicInteger running = new AtomicInteger();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private volatile Task task;
        private volatile int generation;
        private volatile boolean dismissed;

        Team(int workers) {
            threads = new Thread[workers];
            for (int i = 1; i < workers; i++) {
                int worker = i;
                threads[i] = new Thread(() -> serve(worker), "psft-worker-" + worker);
                threads[i].setDaemon(true);
                threads[i].start();
            }
        }

        void run(Task work) {
            task = work;
            running.set(threads.length - 1);
            generation++;
            wake();
            runGuarded(work, 0);
            int spins = 0;
            while (running.get() > 0) {
                if (++spins < SPINS_BEFORE_PARK) {
                    Thread.onSpinWait();
                } else {
                    Thread.yield();
                }
            }
            task = null;
            Throwable thrown = failure.getAndSet(null);
            if (thrown instanceof RuntimeException e) {
                throw e;
            }
            if (thrown instanceof Error e) {
                throw e;
            }
        }

        void dismiss() {
            dismissed = true;
            wake();
        }

        private void wake() {
            for (int i = 1; i < threads.length; i++) {
                LockSupport.unpark(threads[i]);
            }
        }

        private void serve(int worker) {
            int seen = 0;
            while (true) {
                int spins = 0;
                while (generation == seen) {
                    if (dismissed) {
                        return;
                    }
                    if (++spins < SPINS_BEFORE_PARK) {
                        Thread.onSpinWait();
                    } else {
                        LockSupport.park(this); // an unpark between the check and here is not lost
                    }
                }
                seen = generation;
                runGuarded(task, worker);
                running.decrementAndGet();
            }
        }

        private void runGuarded(Task work, int worker) {
            try {
                work.run(worker);
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        }
    }
}
