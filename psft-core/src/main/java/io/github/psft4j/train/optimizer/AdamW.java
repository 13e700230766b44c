package io.github.psft4j.train.optimizer;

import io.github.psft4j.kernel.AdamWStep;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.Views;
import io.github.psft4j.kernel.random.StochasticRounding;
import io.github.psft4j.model.ParameterRange;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The one optimizer step: global norm, clip, AdamW over flat vectors, in the groups of {@link DecayScope}. */
public final class AdamW {

    /** Neighbouring parameters that decay alike. */
    private record Group(long from, long to, boolean decays) {}

    private final TensorOps ops;
    private final Optimizer settings;
    private final long seed;
    private final INDArray firstMoment; // [P]
    private final INDArray secondMoment; // [P]
    private final List<Group> groups;
    private int applied;

    /**
     * @param parameters what the flat vectors consist of, in their order
     * @param seed of the rounding of moments in bfloat16
     */
    public AdamW(TensorOps ops, Optimizer settings, INDArray weights, List<ParameterRange> parameters, long seed) {
        this.ops = ops;
        this.settings = settings;
        this.seed = seed;
        DataType type = settings.moments() == Moments.BF16 ? DataType.BFLOAT16 : weights.dataType();
        this.firstMoment = Nd4j.zeros(type, weights.length());
        this.secondMoment = Nd4j.zeros(type, weights.length());
        this.groups = groups(parameters, settings.decayScope());
    }

    private static List<Group> groups(List<ParameterRange> parameters, DecayScope scope) {
        List<Group> groups = new ArrayList<>();
        for (ParameterRange p : parameters) {
            boolean decays = scope == DecayScope.ALL || p.rank() >= 2;
            Group last = groups.isEmpty() ? null : groups.get(groups.size() - 1);
            if (last != null && last.decays() == decays && last.to() == p.from()) {
                groups.set(groups.size() - 1, new Group(last.from(), p.to(), decays));
            } else {
                groups.add(new Group(p.from(), p.to(), decays));
            }
        }
        return groups;
    }

    /** Steps applied so far, which the bias corrections depend on. */
    public int applied() {
        return applied;
    }

    /** First and second moment, {@code [P]} each, in the type of the settings: the arrays themselves. */
    public INDArray[] moments() {
        return new INDArray[] {firstMoment, secondMoment};
    }

    /** Continues after the given number of applied steps; the moments are filled by the caller. */
    public void restore(int appliedSteps) {
        applied = appliedSteps;
    }

    /**
     * Updates the weights in place, unless the gradient is not finite.
     *
     * @return global norm before clipping; NaN or infinite means that nothing was changed
     */
    public double step(INDArray weights, INDArray gradient, double learningRate) {
        double norm = Math.sqrt(ops.vectors().sumOfSquares(gradient));
        if (!Double.isFinite(norm)) {
            return norm;
        }
        applied++;
        AdamWStep decaying = step(learningRate, settings.weightDecay(), norm);
        AdamWStep free = step(learningRate, 0, norm);
        for (Group group : groups) {
            step(group, weights, gradient, group.decays() ? decaying : free);
        }
        return norm;
    }

    private void step(Group group, INDArray weights, INDArray gradient, AdamWStep step) {
        INDArray w = part(weights, group);
        INDArray g = part(gradient, group);
        INDArray m = part(firstMoment, group);
        INDArray v = part(secondMoment, group);
        if (settings.moments() == Moments.BF16) {
            ops.vectors().adamW(w, g, m, v, step, new StochasticRounding(seed, applied, group.from()));
        } else {
            ops.vectors().adamW(w, g, m, v, step);
        }
    }

    private AdamWStep step(double learningRate, double weightDecay, double norm) {
        return new AdamWStep(
                learningRate,
                settings.betas().beta1(),
                settings.betas().beta2(),
                settings.adamEpsilon(),
                weightDecay,
                GradientClipping.scale(norm, settings.maxGradNorm()),
                applied);
    }

    private static INDArray part(INDArray flat, Group group) {
        boolean whole = group.from() == 0 && group.to() == flat.length();
        return whole ? flat : Views.span(flat, group.from(), group.to());
    }
}
