package io.github.psft4j.monitor;

import io.github.psft4j.io.Shown;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far something is, and when it will be done: a bar on a terminal, elsewhere a line now and then. */
public final class Progress implements AutoCloseable {

    private static final int BAR_INTERVAL_MILLIS = 250;
    private static final Duration LINE_INTERVAL = Duration.ofSeconds(30);

    private final String title;
    private final String unit;
    private final long total;
    private final long before;
    private final Consumer<String> lines; // null for a bar
    private final LongSupplier nanoTime;
    private final ProgressBar bar; // null for lines
    private final long start;
    private long lastLine;

    /**
     * Begins.
     *
     * @param title shown in front
     * @param unit what is counted, such as {@code step}
     * @param total how many there are
     * @param before how many of them were done earlier; they do not count for the time that is left
     * @param lines receives lines; null for a bar on standard error
     */
    public static Progress start(String title, String unit, long total, long before, Consumer<String> lines) {
        return new Progress(title, unit, total, before, lines, System::nanoTime);
    }

    Progress(String title, String unit, long total, long before, Consumer<String> lines, LongSupplier nanoTime) {
        this.title = title;
        this.unit = unit;
        this.total = total;
        this.before = before;
        this.lines = lines;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
        this.bar = lines != null
                ? null
                : new ProgressBarBuilder()
                        .setTaskName(title)
                        .setInitialMax(total)
                        .startsFrom(before, Duration.ZERO)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(BAR_INTERVAL_MILLIS)
                        .build();
    }

    /**
     * So many are done.
     *
     * @param numbers how it goes, shown behind
     */
    public void at(long done, String numbers) {
        if (bar != null) {
            bar.setExtraMessage(numbers);
            bar.stepTo(done);
        } else if (isDue(done)) {
            lastLine = nanoTime.getAsLong();
            lines.accept(line(done, numbers));
        }
    }

    private boolean isDue(long done) {
        return done == before + 1 || done == total || nanoTime.getAsLong() - lastLine >= LINE_INTERVAL.toNanos();
    }

    /** The line. */
    String line(long done, String numbers) {
        long elapsed = nanoTime.getAsLong() - start;
        double remaining = (double) elapsed / (done - before) * (total - done);
        return Shown.format(
                "%s: %s %d of %d (%.0f %%), %s, elapsed %s, ETA %s",
                title, unit, done, total, 100.0 * done / total, numbers, clock(elapsed), clock((long) remaining));
    }

    private static String clock(long nanos) {
        Duration time = Duration.ofNanos(nanos);
        return Shown.format("%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart());
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
