package io.github.psft4j.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Shares cover everything once, failures reach the caller, and callers from several threads take turns. */
class WorkerPoolTest {

    @Test
    void sharesCoverEveryElementOnceWhateverTheNumbers() {
        for (int workers : new int[] {1, 2, 3, 7}) {
            WorkerPool pool = new WorkerPool(workers);
            for (int n : new int[] {0, 1, 2, 6, 7, 8, 1000}) {
                AtomicIntegerArray touched = new AtomicIntegerArray(n);
                pool.share(n, (from, to, id) -> {
                    assertTrue(from < to, "a worker without a share was called");
                    for (int i = from; i < to; i++) {
                        touched.incrementAndGet(i);
                    }
                });
                int[] expected = new int[n];
                Arrays.fill(expected, 1);
                int[] actual = new int[n];
                Arrays.setAll(actual, touched::get);
                assertArrayEquals(expected, actual, n + " elements, " + workers + " workers");
            }
        }
    }

    @Test
    void aFailingWorkerIsReportedAfterAllHaveFinishedAndThePoolGoesOn() {
        WorkerPool pool = new WorkerPool(3);
        for (int failing = 0; failing < 3; failing++) {
            int bad = failing;
            AtomicInteger finished = new AtomicInteger();
            IllegalStateException e = assertThrows(
                    IllegalStateException.class,
                    () -> pool.run(id -> {
                        if (id == bad) {
                            throw new IllegalStateException("worker " + id);
                        }
                        finished.incrementAndGet();
                    }));
            assertEquals("worker " + bad, e.getMessage());
            assertEquals(2, finished.get());
        }
        AtomicInteger ran = new AtomicInteger();
        pool.run(id -> ran.incrementAndGet());
        assertEquals(3, ran.get());
    }

    @Test
    void callersFromSeveralThreadsTakeTurns() throws Exception {
        WorkerPool pool = new WorkerPool(2);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Thread> callers = new ArrayList<>();
        for (int c = 0; c < 4; c++) {
            callers.add(new Thread(() -> {
                for (int i = 0; i < 500; i++) {
                    pool.run(id -> {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        inside.decrementAndGet();
                    });
                }
            }));
        }
        for (Thread caller : callers) {
            caller.start();
        }
        for (Thread caller : callers) {
            caller.join();
        }
        assertTrue(most.get() <= 2, "at most one task of two workers at a time, saw " + most.get());
    }

    @Test
    void threadsOfAForgottenPoolEnd() throws Exception {
        Thread worker = workerOfAForgottenPool();
        long patience = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (worker.getState() != Thread.State.WAITING && System.nanoTime() < patience) {
            Thread.sleep(1);
        }
        assertEquals(Thread.State.WAITING, worker.getState(), "without work a worker sleeps");
        while (worker.isAlive() && System.nanoTime() < patience) {
            System.gc();
            worker.join(20);
        }
        assertFalse(worker.isAlive(), "the worker still waits for a pool that nobody can reach");
    }

    /** Otherwise a program with a pool would not end. */
    @Test
    void workersAreDaemonsWithANumberInTheirName() {
        Thread worker = workerOfAForgottenPool();
        assertTrue(worker.isDaemon());
        assertEquals("psft-worker-1", worker.getName());
    }

    private static Thread workerOfAForgottenPool() {
        AtomicReference<Thread> worker = new AtomicReference<>();
        new WorkerPool(2).run(id -> {
            if (id == 1) {
                worker.set(Thread.currentThread());
            }
        });
        return worker.get();
    }
}
