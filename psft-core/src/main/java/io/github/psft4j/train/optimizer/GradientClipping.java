package io.github.psft4j.train.optimizer;

import io.github.psft4j.kernel.choose.TensorOpsFactory;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Global-norm gradient clipping for plain {@code net.fit}, which Deeplearning4j itself offers only per layer:
 * {@code net.addListeners(new GradientClipping(1.0))}.
 */
public final class GradientClipping extends BaseTrainingListener {

    private static final double NORM_EPSILON = 1e-6;

    private final double maxGradNorm;
    private double lastNorm;

    /** @param maxGradNorm bound on the norm over all gradients, above 0 */
    public GradientClipping(double maxGradNorm) {
        if (!(maxGradNorm > 0)) {
            throw new IllegalArgumentException("maxGradNorm must be above 0, was " + maxGradNorm);
        }
        this.maxGradNorm = maxGradNorm;
    }

    @Override
    public void onGradientCalculation(Model model) {
        INDArray gradient = ((ComputationGraph) model).getFlattenedGradients();
        lastNorm = Math.sqrt(
                TensorOpsFactory.forType(gradient.dataType()).vectors().sumOfSquares(gradient));
        double scale = scale(lastNorm, maxGradNorm);
        if (scale != 1) {
            gradient.muli(scale);
        }
    }

    /**
     * Factor on the gradient, PyTorch's: {@code max / (norm + 1e-6)} where the norm exceeds max, otherwise 1; max 0
     * means no bound.
     */
    static double scale(double norm, double max) {
        return max > 0 && norm > max ? max / (norm + NORM_EPSILON) : 1;
    }

    /** Norm before clipping at the last step. */
    public double lastNorm() {
        return lastNorm;
    }
}
