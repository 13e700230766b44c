package io.github.psft4j.examples.experiment.kit;

import io.github.psft4j.examples.experiment.run.TrialResult;
import io.github.psft4j.io.Shown;
import java.util.Arrays;
import java.util.function.Function;

/** What the pages say of a run, and how it is written. */
public enum Quantity {
    /** Share of unseen additions solved: the skill that is trained. */
    ADDITIONS("unseen additions", true, run -> run.last().solved(0, run.problemsOfSkill())),
    /** Share of problems of the other five skills solved: what is not forgotten. */
    OTHERS("other skills", true, run -> run.last().solved(run.problemsOfSkill(), 6 * run.problemsOfSkill())),
    /** NLL of held-out additions in the new format, nats/token. */
    NLL("held-out NLL", false, run -> run.byProblem("nll")),
    /** Entropy along those answers, nats/token. */
    TARGET_ENTROPY("entropy, targets", false, run -> run.byProblem("targetEntropy")),
    /** Entropy along own answers at temperature 1, nats/token. */
    SAMPLE_ENTROPY("entropy, own samples", false, run -> run.byProblem("sampleEntropy")),
    /** Mean norm of the gradient before clipping, last tenth of the steps. */
    GRAD_NORM("grad norm", false, run -> new double[] {tail(run.byStep("gradNorm"))}),
    /** Mean share of trained tokens that the clip left out. */
    CLIP_FRACTION("clip fraction", true, run -> new double[] {mean(run.byStep("clip"))}),
    /** Held-out NLL at the end over the lowest on the way. */
    NLL_RISE("NLL, end over lowest", false, run -> new double[] {rise(run)});

    private final String label;
    private final boolean share;
    private final Function<TrialResult, double[]> values;

    Quantity(String label, boolean share, Function<TrialResult, double[]> values) {
        this.label = label;
        this.share = share;
        this.values = values;
    }

    public String label() {
        return label;
    }

    /** The unit of an axis. */
    public String unit() {
        return this == GRAD_NORM ? "norm" : this == NLL_RISE ? "ratio" : share ? "share" : "nats/token";
    }

    public boolean isShare() {
        return share;
    }

    /** One value for each problem; for what has no problems, one. */
    public double[] of(TrialResult run) {
        return values.apply(run);
    }

    /** A value with its interval: {@code 0.123 [0.120, 0.126]}, shares in per cent. */
    public String shown(Estimate e) {
        return share
                ? Shown.format("%.1f %% [%.1f, %.1f]", 100 * e.value(), 100 * e.low(), 100 * e.high())
                : Shown.format("%.3f [%.3f, %.3f]", e.value(), e.low(), e.high());
    }

    /** A difference with its interval and sign; a star marks one whose interval leaves 0 out. */
    public String difference(Estimate e) {
        String mark = e.isPositive() || e.isNegative() ? " *" : "";
        return share
                ? Shown.format("%+.1f [%+.1f, %+.1f]%s", 100 * e.value(), 100 * e.low(), 100 * e.high(), mark)
                : Shown.format("%+.3f [%+.3f, %+.3f]%s", e.value(), e.low(), e.high(), mark);
    }

    private static double tail(double[] values) {
        return mean(Arrays.copyOfRange(values, values.length - Math.max(1, values.length / 10), values.length));
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).filter(value -> value >= 0).average().orElse(0);
    }

    private static double rise(TrialResult run) {
        double lowest =
                run.points().stream().mapToDouble(TrialResult.Point::nll).min().orElseThrow();
        return run.last().nll() / lowest;
    }
}
