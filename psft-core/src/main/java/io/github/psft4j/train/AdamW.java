package io.github.psft4j.train;

import io.github.psft4j.kernel.AdamWStep;
import io.github.psft4j.kernel.TensorOps;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The one optimizer step: global norm, clip, AdamW over flat vectors, all parameters decayed alike (PyTorch's default
 * grouping).
 */
final class AdamW {

    private final TensorOps ops;
    private final TrainerSettings settings;
    private final INDArray firstMoment; // [P]
    private final INDArray secondMoment; // [P]
    private int applied;

    AdamW(TensorOps ops, TrainerSettings settings, INDArray weights) {
        this.ops = ops;
        this.settings = settings;
        this.firstMoment = Nd4j.zeros(weights.dataType(), weights.length());
        this.secondMoment = Nd4j.zeros(weights.dataType(), weights.length());
    }

    /** Steps applied so far, which the bias corrections depend on. */
    int applied() {
        return applied;
    }

    /** First and second moment, {@code [P]} each: the arrays themselves. */
    INDArray[] moments() {
        return new INDArray[] {firstMoment, secondMoment};
    }

    /** Continues after the given number of applied steps; the moments are filled by the caller. */
    void restore(int appliedSteps) {
        applied = appliedSteps;
    }

    /**
     * Updates the weights in place, unless the gradient is not finite.
     *
     * @return global norm before clipping; NaN or infinite means that nothing was changed
     */
    double step(INDArray weights, INDArray gradient, double learningRate) {
        double norm = Math.sqrt(ops.sumOfSquares(gradient));
        if (!Double.isFinite(norm)) {
            return norm;
        }
        applied++;
        ops.adamW(
                weights,
                gradient,
                firstMoment,
                secondMoment,
                new AdamWStep(
                        learningRate,
                        settings.beta1(),
                        settings.beta2(),
                        settings.adamEpsilon(),
                        settings.weightDecay(),
                        GradientClipping.scale(norm, settings.maxGradNorm()),
                        applied));
        return norm;
    }
}
