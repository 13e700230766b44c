package io.github.psft4j.bench;

import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * Times steps once the JIT compiler is idle. Its thread takes a core from training as long as it has something to
 * compile, some seconds. Where all cores are in use, one worker then has half a core left, and every step takes up to
 * twice as long.
 */
final class WarmStopWatch implements TrainerListener {

    /** Share of a core that the compiler may take at rest. */
    private static final double REST = 0.1;

    /** Fewest steps of the warm-up, and shortest time over which the compiler is watched. */
    private static final int SHORTEST_WARM_UP = 8;

    private static final double WINDOW_MILLIS = 1500;

    private final int group;
    private final int longestWarmUp;
    private final int steps;
    private final TimedOps timed;
    private final List<Double> milliseconds = new ArrayList<>();
    private PsftTrainer trainer;
    private long last;
    private long windowStart;
    private long compiledBefore;
    private int warmUp = -1; // steps, -1 before its end

    /**
     * @param group steps that belong together; warm-up ends behind a whole number of them
     * @param longestWarmUp steps after which timing begins in any case
     * @param steps to be timed
     * @param timed cleared when timing begins
     */
    WarmStopWatch(int group, int longestWarmUp, int steps, TimedOps timed) {
        this.group = group;
        this.longestWarmUp = longestWarmUp;
        this.steps = steps;
        this.timed = timed;
    }

    /** Names the trainer whose run ends with the last step that is timed. */
    void stopAtEnd(PsftTrainer value) {
        trainer = value;
    }

    /** Times of the steps behind the warm-up. */
    double[] counted() {
        return milliseconds.stream().skip(warmUp).mapToDouble(t -> t).toArray();
    }

    @Override
    public void onStart(TrainingPlan plan) {
        last = System.nanoTime();
        startWindow(last);
    }

    @Override
    public void onStep(StepMetrics metrics) {
        long now = System.nanoTime();
        milliseconds.add((now - last) / 1e6);
        int done = milliseconds.size();
        double window = (now - windowStart) / 1e6;
        if (warmUp < 0 && done % group == 0) {
            boolean watched = window > WINDOW_MILLIS;
            boolean rests = watched && compileMillis() - compiledBefore < REST * window;
            if (done >= longestWarmUp || done >= SHORTEST_WARM_UP && rests) {
                warmUp = done;
                timed.reset();
            } else if (watched) {
                startWindow(now);
            }
        }
        if (warmUp >= 0 && done == warmUp + steps) {
            trainer.requestStop();
        }
        last = System.nanoTime();
    }

    private void startWindow(long now) {
        windowStart = now;
        compiledBefore = compileMillis();
    }

    /** Time that all compiler threads have spent so far. */
    private static long compileMillis() {
        return ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
    }
}
