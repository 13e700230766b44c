package io.github.psft4j.examples.cli;

import io.github.psft4j.train.PsftTrainer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM while a run with checkpoints trains: the step is finished and a checkpoint is written before the process ends.
 */
final class Interruption implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 120;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;

    Interruption(PsftTrainer trainer) {
        hook = new Thread(() -> {
            trainer.requestStop();
            try {
                ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the process is ending either way
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Training is over; from now on a signal ends the process at once. */
    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            return; // the hook is running and has just been released
        }
    }
}
