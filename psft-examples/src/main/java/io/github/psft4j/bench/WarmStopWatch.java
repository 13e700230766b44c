package io.github.psft4j.bench;

import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import java.util.ArrayList;
import java.util.List;

/** Times steps once the JIT compiler is idle, see {@link CompilerRest}. */
final class WarmStopWatch implements TrainerListener {

    /** Fewest steps of the warm-up. */
    private static final int SHORTEST_WARM_UP = 8;

    private final int group;
    private final int longestWarmUp;
    private final int steps;
    private final TimedOps timed;
    private final List<Double> milliseconds = new ArrayList<>();
    private PsftTrainer trainer;
    private CompilerRest compiler;
    private long last;
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
        compiler = new CompilerRest();
        last = System.nanoTime();
    }

    @Override
    public void onStep(StepMetrics metrics) {
        milliseconds.add((System.nanoTime() - last) / 1e6);
        int done = milliseconds.size();
        if (warmUp < 0 && done % group == 0) {
            boolean rests = compiler.reached();
            if (done >= longestWarmUp || done >= SHORTEST_WARM_UP && rests) {
                warmUp = done;
                timed.reset();
            }
        }
        if (warmUp >= 0 && done == warmUp + steps) {
            trainer.requestStop();
        }
        last = System.nanoTime();
    }
}
