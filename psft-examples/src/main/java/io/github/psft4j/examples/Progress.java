package io.github.psft4j.examples;

import io.github.psft4j.monitor.Terminal;
import java.util.function.Consumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * One progress bar over a whole program, training and evaluation together. A training step counts {@link #STEP}, a part
 * of an evaluation {@link #EVALUATION_PART}: roughly what they cost.
 */
final class Progress implements AutoCloseable {

    /** Units of one optimizer step. */
    static final int STEP = 1;

    /** Units of one part of an evaluation. */
    static final int EVALUATION_PART = 2;

    /** Milliseconds between two drawings of the bar. */
    private static final int TERMINAL_INTERVAL = 250;

    /** The same where every drawing becomes a line of a log file. */
    private static final int LOG_INTERVAL = 10_000;

    private final ProgressBar bar;

    /**
     * Starts the bar.
     *
     * @param title shown in front of it
     * @param total units until it is full
     */
    Progress(String title, long total) {
        ProgressBarBuilder builder = new ProgressBarBuilder()
                .setTaskName(title)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(Terminal.isInteractive() ? TERMINAL_INTERVAL : LOG_INTERVAL);
        if (!Terminal.isInteractive()) {
            // In a file every drawing is a line of its own, to which no line of the log sticks.
            builder.setConsumer(new DelegatingProgressBarConsumer(System.err::println));
        }
        bar = builder.build();
    }

    /** Moves the bar on and shows what has just been done. */
    void advance(int units, String message) {
        bar.stepBy(units);
        bar.setExtraMessage(message);
    }

    /** A callback for the parts of an evaluation of {@code name}. */
    Consumer<String> evaluationOf(String name) {
        return part -> advance(EVALUATION_PART, name + ": evaluated " + part);
    }

    @Override
    public void close() {
        bar.close();
    }
}
