package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WeightScope;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The products of a linear layer and its gradients, as {@link TensorOps} defines them, in one precision. */
interface LinearProducts {

    /** Name for the log. */
    String name();

    /** What operands are rounded to. */
    Precision precision();

    /** {@link TensorOps#linear}. */
    void linear(INDArray x, INDArray w, INDArray y, float beta);

    /** {@link TensorOps#linearGradInput}. */
    void gradInput(INDArray dy, INDArray w, INDArray dx, float beta);

    /** {@link TensorOps#linearGradWeight}. */
    void gradWeight(INDArray dy, INDArray x, INDArray dw, float beta);

    /** {@link TensorOps#linearGrad}. */
    default void grad(INDArray dy, INDArray x, INDArray w, INDArray dx, float betaX, INDArray dw, float betaW) {
        gradInput(dy, w, dx, betaX);
        gradWeight(dy, x, dw, betaW);
    }

    /** {@link TensorOps#holdWeights}. */
    WeightScope holdWeights();

    /** Number of rows of an array whose rows have this width. */
    static int rowCount(INDArray x, long width) {
        if (x.length() % width != 0) {
            throw new IllegalArgumentException("rows of width " + width + " expected, got " + x.shapeInfoToString());
        }
        return Math.toIntExact(x.length() / width);
    }
}
