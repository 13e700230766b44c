package io.github.psft4j.kernel.nd4j;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** Operations that ND4J knows by name only. */
public final class Nd4jCalls {

    private Nd4jCalls() {}

    /** Runs an operation on its inputs; z receives what it computes. */
    static void exec(String operation, INDArray z, INDArray... inputs) {
        Nd4j.exec(DynamicCustomOp.builder(operation)
                .addInputs(inputs)
                .addOutputs(z)
                .build());
    }

    /** {@code z = alpha x y + beta z} over the last two dimensions, x or y transposed; any of them may be a view. */
    public static void matmul(
            INDArray x, boolean transposeX, INDArray y, boolean transposeY, double alpha, double beta, INDArray z) {
        Nd4j.exec(DynamicCustomOp.builder("matmul")
                .addInputs(x, y)
                .addOutputs(z)
                .addIntegerArguments(transposeX ? 1 : 0, transposeY ? 1 : 0, 0)
                .addFloatingPointArguments(alpha, beta)
                .build());
    }
}
