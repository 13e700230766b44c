package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.Views.flat;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.floating.SquaredNorm;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMax;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMultiplication;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.DivOp;
import org.nd4j.linalg.factory.Nd4j;

/** Operations of {@link PortableOps} on whole flat vectors. */
final class PortableVectors {

    /** Elements of a long vector worked on at once; bounds the temporary of {@link #adamW}. */
    private static final long BLOCK = 1L << 20;

    /** Smallest second moment whose root is more than 0; the root is far below any epsilon. */
    private static final double TINY = 1e-36;

    private PortableVectors() {}

    /** See {@link TensorOps#sumOfSquares}. */
    static double sumOfSquares(INDArray x) {
        try (Temporaries tmp = new Temporaries(DataType.DOUBLE)) {
            INDArray sum = tmp.empty(1); // ND4J accumulates in the type of the result
            Nd4j.exec(new SquaredNorm(flat(x), sum, 0));
            return sum.getDouble(0);
        }
    }

    /** See {@link TensorOps#adamW}. */
    static void adamW(
            INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step) {
        long n = weights.length();
        try (Temporaries tmp = new Temporaries(weights.dataType())) {
            INDArray scratch = tmp.empty(Math.min(n, BLOCK));
            for (long from = 0; from < n; from += BLOCK) {
                long to = Math.min(n, from + BLOCK);
                INDArray w = block(weights, from, to);
                INDArray m = block(firstMoment, from, to);
                INDArray v = block(secondMoment, from, to);
                INDArray t = block(scratch, 0, to - from);

                Nd4j.exec(new ScalarMultiplication(block(gradient, from, to), null, t, step.gradientScale()));
                w.muli(1 - step.learningRate() * step.weightDecay());
                addScaled(t, 1 - step.beta1(), m.muli(step.beta1()));
                addScaled(t.muli(t), 1 - step.beta2(), v.muli(step.beta2()));
                // v / sqrt(v) takes half the time of sqrt(v)
                Nd4j.exec(new ScalarMax(v, null, t, TINY));
                Nd4j.exec(new RSqrt(t, t));
                t.muli(v).muli(1 / Math.sqrt(step.bias2())).addi(step.epsilon());
                Nd4j.exec(new DivOp(m, t, t));
                addScaled(t, -step.learningRate() / step.bias1(), w);
            }
        }
    }

    /** {@code y += factor * x}. */
    private static void addScaled(INDArray x, double factor, INDArray y) {
        Nd4j.exec(new Axpy(x, y, y, factor));
    }

    private static INDArray block(INDArray x, long from, long to) {
        return flat(x).get(interval(from, to));
    }
}
