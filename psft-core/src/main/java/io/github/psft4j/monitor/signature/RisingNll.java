package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;
import java.util.Set;

/**
 * The NLL rises from pass to pass over the data. Of at least {@value #PASSES} passes of SFT or PSFT, {@value #LIMIT} or
 * more had a mean NLL above that of the pass before. Passes see the same data, so at a rate that is not too high the
 * mean falls. Other objectives may raise it on purpose.
 */
final class RisingNll implements FailureSignature {

    static final int PASSES = 10;
    static final double LIMIT = 0.2;
    private static final Set<String> LOWERING = Set.of("sft", "psft");
    private static final String REMEDY =
            "lower the learning rate, or let it fall to 0 (optimizer.schedule); compare the held-out NLL of both";
    private static final String OBSERVED =
            "of %d passes over the data %d had a higher NLL than the pass before, the last of them %.3f nats/token"
                    + " after %.3f";

    private int epoch;
    private int passes; // that have one before them
    private int rises;
    private double last = Double.NaN;
    private double sum;
    private int steps;

    @Override
    public Finding check(StepMetrics m) {
        if (!LOWERING.contains(m.objective())) {
            return null;
        }
        double before = last;
        boolean rose = m.epoch() != epoch && steps > 0 && endsAbove();
        epoch = m.epoch();
        if (Double.isFinite(m.nll())) { // else the step was skipped
            sum += m.nll();
            steps++;
        }
        boolean often = rose && passes + 1 >= PASSES && rises >= LIMIT * passes;
        return often ? found(m, "rising-nll", REMEDY, OBSERVED, passes + 1, rises, last, before) : null;
    }

    /** Ends a pass; whether its mean is above that of the one before. */
    private boolean endsAbove() {
        double mean = sum / steps;
        boolean rose = mean > last; // false for the first
        passes += Double.isNaN(last) ? 0 : 1;
        rises += rose ? 1 : 0;
        last = mean;
        sum = 0;
        steps = 0;
        return rose;
    }
}
