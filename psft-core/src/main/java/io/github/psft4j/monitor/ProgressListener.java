package io.github.psft4j.monitor;

import io.github.psft4j.io.Shown;
import io.github.psft4j.monitor.event.LogNumbers;
import io.github.psft4j.monitor.signature.ClipMeans;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import io.github.psft4j.train.TrainingSummary;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLoggerFactory;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * How far the run is, when it will be done, and how it goes: NLL, entropy (nats/token), clip fraction, tokens/s. The
 * clip fraction is that of the latest whole macro-batch, because it is 0 after every snapshot. A bar on a terminal;
 * elsewhere (a log file, a service) a line in the log now and then. In a program without a logger these lines go to
 * standard error.
 */
public final class ProgressListener implements TrainerListener {

    private static final Logger LOG = LoggerFactory.getLogger(ProgressListener.class);
    private static final String NO_LOGGER = "no logger is on the class path, so progress is shown here and warnings are"
            + " in warnings.jsonl alone; add org.slf4j:slf4j-simple (docs/library.md)";

    /** Where progress is shown. */
    public enum Mode {
        /** {@link #BAR} on a terminal, {@link #LOG} otherwise. */
        AUTO,
        /** A bar on standard error. */
        BAR,
        /**
         * A line in the log at the first step, every 30 seconds and at the end; on standard error where SLF4J has no
         * provider.
         */
        LOG,
        /** Nowhere. */
        QUIET
    }

    private final String title;
    private final Mode mode;
    private final LongSupplier nanoTime;
    private final Consumer<String> log = hasLogger() ? LOG::info : System.err::println;
    private final ClipMeans clip = new ClipMeans();
    private Progress progress; // null where nothing is shown

    /** @param title shown in front */
    public ProgressListener(String title) {
        this(title, Mode.AUTO);
    }

    /**
     * @param title shown in front
     * @param mode where it is shown
     */
    public ProgressListener(String title, Mode mode) {
        this(title, mode, System::nanoTime);
    }

    ProgressListener(String title, Mode mode, LongSupplier nanoTime) {
        this.title = title;
        this.mode = mode == Mode.AUTO ? (Terminal.isInteractive() ? Mode.BAR : Mode.LOG) : mode;
        this.nanoTime = nanoTime;
    }

    @Override
    public void onStart(TrainingPlan plan) {
        if (mode == Mode.QUIET) {
            return;
        }
        progress = new Progress(
                title, "step", plan.totalSteps(), plan.resumedStep(), mode == Mode.BAR ? null : log, nanoTime);
        if (mode == Mode.LOG && !hasLogger()) {
            log.accept(NO_LOGGER);
        }
    }

    /** Whether what is logged arrives anywhere. A provider that logs nothing on purpose counts. */
    private static boolean hasLogger() {
        return !(LoggerFactory.getILoggerFactory() instanceof NOPLoggerFactory)
                || ServiceLoader.load(SLF4JServiceProvider.class, LoggerFactory.class.getClassLoader()).stream()
                        .findAny()
                        .isPresent();
    }

    @Override
    public void onStep(StepMetrics metrics) {
        clip.add(metrics);
        if (progress != null) {
            progress.at(metrics.step(), numbers(metrics));
        }
    }

    /** The line in the log. */
    String line(StepMetrics metrics) {
        return progress.line(metrics.step(), numbers(metrics));
    }

    private String numbers(StepMetrics m) {
        return Shown.format(
                "NLL %.3f, entropy %.3f, clip %.1f %%, %,.0f tok/s%s",
                m.nll(),
                m.entropy(),
                100 * clip.current(),
                m.tokensPerSecond(),
                m.skipped() == 0 ? "" : ", skipped " + m.skipped());
    }

    @Override
    public void onEnd(TrainingSummary summary) {
        if (mode == Mode.LOG) {
            log.accept(title + ": " + summary.steps() + " steps in " + LogNumbers.one(summary.seconds()) + " s, "
                    + summary.skipped() + " skipped"
                    + (summary.reason() == null ? "" : "; ended because " + summary.reason()));
        }
    }

    @Override
    public void close() {
        if (progress != null) {
            progress.close();
        }
    }
}
