package io.github.psft4j.cli.console;

import io.github.psft4j.train.PsftTrainer;
import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jline.utils.Signals;

/**
 * Handles Ctrl-C and SIGTERM while something runs that must end in order. A run with checkpoints finishes the step and
 * writes one more; a server answers the requests that are there. A second signal ends it at once. Other ends of the
 * virtual machine, such as a terminal that is closed, wait for the orderly end, too.
 */
public final class Interruption implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 120;

    private enum Signal {
        INT(2),
        TERM(15);

        final int number;

        Signal(int number) {
            this.number = number;
        }
    }

    private final Runnable stop;
    private final String atOnce;
    private final String stopping;
    private final PrintWriter err;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicInteger signalled = new AtomicInteger();
    private final Object[] before = new Object[Signal.values().length];
    private final Thread hook = new Thread(this::awaitEnd);

    /** For a run with checkpoints. */
    public Interruption(PsftTrainer trainer, PrintWriter err) {
        this(
                trainer::requestStop,
                "stopping after this step, with a checkpoint; the same again stops at once",
                "stopped at once; --resume auto goes on from the last checkpoint that is whole",
                err);
    }

    /**
     * @param stop asks for the orderly end; may be called twice
     * @param stopping said at the first signal
     * @param atOnce said at the second one
     */
    public Interruption(Runnable stop, String stopping, String atOnce, PrintWriter err) {
        this.stop = stop;
        this.stopping = stopping;
        this.atOnce = atOnce;
        this.err = err;
        Runtime.getRuntime().addShutdownHook(hook);
        for (Signal signal : Signal.values()) {
            // Null where Java may not handle signals (-Xrs). Then a signal acts as usual, and only the shutdown hook
            // remains.
            before[signal.ordinal()] = Signals.register(signal.name(), () -> onSignal(signal));
        }
    }

    private void onSignal(Signal signal) {
        if (signalled.compareAndSet(0, ExitCodes.SIGNALLED + signal.number)) {
            stop.run();
            say("psft: " + stopping);
        } else {
            say("psft: " + atOnce);
            Runtime.getRuntime().halt(ExitCodes.STOPPED_AT_ONCE);
        }
    }

    private void say(String line) {
        err.println(line);
        err.flush();
    }

    /** 130 or 143 if a signal asked the run to end, else 0. */
    public int exitCode() {
        return signalled.get();
    }

    private void awaitEnd() {
        stop.run();
        try {
            ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the process is ending either way
        }
    }

    /** The orderly end is over; from now on a signal ends the process at once. */
    @Override
    public void close() {
        for (Signal signal : Signal.values()) {
            if (before[signal.ordinal()] != null) {
                Signals.unregister(signal.name(), before[signal.ordinal()]);
            }
        }
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            return; // the hook is running and has just been released
        }
    }
}
