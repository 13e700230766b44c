package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.GuardedArrays.assertClose;
import static io.github.psft4j.kernel.GuardedArrays.values;

import io.github.psft4j.kernel.Norms.HeadGains;
import io.github.psft4j.kernel.nd4j.Nd4jForm;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Every backward operation of {@link Nd4jForm} against central finite differences of its forward operation, in DOUBLE.
 * The loss is {@code sum(weights * output)}, whose gradient with respect to the output is the weights.
 */
class TensorOpsGradientTest {

    private static final double TOLERANCE = 1e-8;
    private static final double STEP = 1e-5;

    private final TensorOps ops = new TensorOps(new Nd4jForm());
    private final GuardedArrays arrays = new GuardedArrays(DataType.DOUBLE, 42);

    /** Gradient of {@code sum(weights * forward(x))} with respect to x, which is disturbed element by element. */
    private static double[] numericalGradient(INDArray x, INDArray weights, UnaryOperator<INDArray> forward) {
        double[] at = values(x);
        double[] gradient = new double[at.length];
        INDArray flat = x.reshape('c', new long[] {x.length()});
        for (int i = 0; i < at.length; i++) {
            flat.putScalar(i, at[i] + STEP);
            double above = loss(forward.apply(x), weights);
            flat.putScalar(i, at[i] - STEP);
            double below = loss(forward.apply(x), weights);
            flat.putScalar(i, at[i]);
            gradient[i] = (above - below) / (2 * STEP);
        }
        return gradient;
    }

    private static double loss(INDArray y, INDArray weights) {
        double[] ys = values(y);
        double[] ws = values(weights);
        double sum = 0;
        for (int i = 0; i < ys.length; i++) {
            sum += ys[i] * ws[i];
        }
        return sum;
    }

    @Test
    void linearGradientsAreThoseOfLinear() {
        INDArray x = arrays.normal(5, 3);
        INDArray w = arrays.normal(4, 3);
        INDArray dy = arrays.normal(5, 4);
        INDArray dx = arrays.garbage(5, 3);
        INDArray dw = arrays.garbage(4, 3);
        ops.products().gradInput(dy, w, dx, 0);
        ops.products().gradWeight(dy, x, dw, 0);
        UnaryOperator<INDArray> forward = ignored -> {
            INDArray y = arrays.garbage(5, 4);
            ops.products().linear(x, w, y, 0);
            return y;
        };
        assertClose(numericalGradient(x, dy, forward), dx, TOLERANCE, "dx");
        assertClose(numericalGradient(w, dy, forward), dw, TOLERANCE, "dw");
    }

    @Test
    void scatterAddRowsIsTheGradientOfGatherRows() {
        int[] ids = {2, 0, 2, 1, 2};
        INDArray table = arrays.normal(4, 3);
        INDArray dy = arrays.normal(5, 3);
        INDArray dTable = arrays.of(new double[12], 4, 3);
        ops.vectors().scatterAddRows(dy, ids, dTable);
        double[] expected = numericalGradient(table, dy, t -> {
            INDArray out = arrays.garbage(5, 3);
            ops.vectors().gatherRows(t, ids, out);
            return out;
        });
        assertClose(expected, dTable, TOLERANCE, "dTable");
    }

    @Test
    void rmsNormGradIsTheGradientOfRmsNorm() {
        INDArray x = arrays.normal(4, 6);
        INDArray gain = arrays.normal(6);
        INDArray dy = arrays.normal(4, 6);
        INDArray dx = arrays.garbage(4, 6);
        INDArray dGain = arrays.garbage(6);
        INDArray inverseRms = arrays.garbage(4);
        UnaryOperator<INDArray> forward = ignored -> {
            INDArray y = arrays.garbage(4, 6);
            ops.norms().forward(x, new WeightAndBias(gain, null), 1e-2, y, inverseRms);
            return y;
        };
        double[] dxExpected = numericalGradient(x, dy, forward);
        double[] dGainExpected = numericalGradient(gain, dy, forward);
        forward.apply(x);
        ops.norms().grad(dy, x, new WeightAndBias(gain, null), inverseRms, dx, 0, new WeightAndBias(dGain, null));
        assertClose(dxExpected, dx, TOLERANCE, "dx");
        assertClose(dGainExpected, dGain, TOLERANCE, "dGain");
    }

    @Test
    void layerNormGradIsTheGradientOfLayerNorm() {
        INDArray x = arrays.normal(4, 6);
        INDArray gain = arrays.normal(6);
        INDArray bias = arrays.normal(6);
        INDArray dy = arrays.normal(4, 6);
        INDArray dx = arrays.garbage(4, 6);
        INDArray dGain = arrays.garbage(6);
        INDArray dBias = arrays.garbage(6);
        INDArray inverseStd = arrays.garbage(4);
        UnaryOperator<INDArray> forward = ignored -> {
            INDArray y = arrays.garbage(4, 6);
            ops.norms().forward(x, new WeightAndBias(gain, bias), 1e-2, y, inverseStd);
            return y;
        };
        double[] dxExpected = numericalGradient(x, dy, forward);
        double[] dGainExpected = numericalGradient(gain, dy, forward);
        double[] dBiasExpected = numericalGradient(bias, dy, forward);
        forward.apply(x);
        ops.norms().grad(dy, x, new WeightAndBias(gain, null), inverseStd, dx, 0, new WeightAndBias(dGain, dBias));
        assertClose(dxExpected, dx, TOLERANCE, "dx");
        assertClose(dGainExpected, dGain, TOLERANCE, "dGain");
        assertClose(dBiasExpected, dBias, TOLERANCE, "dBias");
    }

    @Test
    void normHeadsGradIsTheGradientOfNormHeadsEvenForAGainOfZero() {
        AttentionShape shape = new AttentionShape(2, 3, 4, 2, 4);
        INDArray x = arrays.normal(shape.rows(), shape.qkvWidth());
        INDArray queryGain = arrays.of(new double[] {0.5, 0, -1, 2}, 4);
        INDArray keyGain = arrays.normal(4);
        INDArray grad = arrays.normal(shape.rows(), shape.qkvWidth());
        INDArray dQueryGain = arrays.garbage(4);
        INDArray dKeyGain = arrays.garbage(4);
        INDArray inverseRms = arrays.garbage(shape.rows(), 6);
        UnaryOperator<INDArray> forward = ignored -> {
            INDArray y = arrays.garbage(shape.rows(), shape.qkvWidth());
            ops.norms().heads(x, shape, new HeadGains(queryGain, keyGain), 1e-2, y, inverseRms);
            return y;
        };
        double[] dxExpected = numericalGradient(x, grad, forward);
        double[] dQueryExpected = numericalGradient(queryGain, grad, forward);
        double[] dKeyExpected = numericalGradient(keyGain, grad, forward);
        forward.apply(x);
        ops.norms()
                .headsGrad(
                        grad,
                        x,
                        shape,
                        new HeadGains(queryGain, keyGain),
                        inverseRms,
                        new HeadGains(dQueryGain, dKeyGain));
        assertClose(dxExpected, grad, TOLERANCE, "dx");
        assertClose(dQueryExpected, dQueryGain, TOLERANCE, "dQueryGain");
        assertClose(dKeyExpected, dKeyGain, TOLERANCE, "dKeyGain");
    }

    @Test
    void sumRowsIsTheGradientOfAddRow() {
        INDArray bias = arrays.normal(3);
        INDArray y = arrays.normal(5, 3);
        INDArray dy = arrays.normal(5, 3);
        INDArray dBias = arrays.garbage(3);
        ops.vectors().sumRows(dy, dBias);
        double[] expected = numericalGradient(bias, dy, b -> {
            INDArray sum = y.dup();
            ops.vectors().addRow(b, sum);
            return sum;
        });
        assertClose(expected, dBias, TOLERANCE, "dBias");
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void activationGradientsAreThoseOfTheActivationAloneAndAsAGate(Activation a) {
        INDArray x = arrays.normal(3, 10);
        INDArray dy = arrays.normal(3, 10);
        INDArray dx = arrays.garbage(3, 10);
        ops.activations().grad(a, dy, x, dx);
        double[] expected = numericalGradient(x, dy, z -> {
            INDArray y = arrays.garbage(3, 10);
            ops.activations().apply(a, z, y);
            return y;
        });
        assertClose(expected, dx, TOLERANCE, "dx");

        INDArray dh = arrays.normal(3, 5);
        INDArray dGateUp = arrays.garbage(3, 10);
        ops.activations().gatedGrad(a, dh, x, dGateUp);
        double[] gated = numericalGradient(x, dh, z -> {
            INDArray h = arrays.garbage(3, 5);
            ops.activations().gated(a, z, h);
            return h;
        });
        assertClose(gated, dGateUp, TOLERANCE, "dGateUp");
    }

    @Test
    void inverseRotationIsTheGradientOfRotation() {
        AttentionShape shape = new AttentionShape(2, 3, 2, 1, 4);
        RotaryTable table = new RotaryTable(8, 4, 10_000);
        INDArray qkv = arrays.normal(shape.rows(), shape.qkvWidth());
        INDArray grad = arrays.normal(shape.rows(), shape.qkvWidth());
        double[] expected = numericalGradient(qkv, grad.dup(), x -> {
            INDArray rotated = x.dup();
            ops.attention().rotate(rotated, shape, table, 2, false);
            return rotated;
        });
        ops.attention().rotate(grad, shape, table, 2, true);
        assertClose(expected, grad, TOLERANCE, "dqkv");
    }

    @Test
    void attentionGradIsTheGradientOfAttention() {
        for (AttentionShape shape : TensorOpsTest.TRAINING_SHAPES) {
            if (shape.time() > 10) {
                continue; // two forward passes per element
            }
            INDArray qkv = arrays.normal(shape.rows(), shape.qkvWidth());
            INDArray out = arrays.garbage(shape.rows(), shape.outWidth());
            INDArray dOut = arrays.normal(shape.rows(), shape.outWidth());
            INDArray logSumExp = arrays.garbage((long) shape.batch() * shape.heads(), shape.time());
            INDArray dqkv = arrays.garbage(shape.rows(), shape.qkvWidth());
            UnaryOperator<INDArray> forward = x -> {
                ops.attention().forward(x, shape, out, logSumExp);
                return out;
            };
            double[] expected = numericalGradient(qkv, dOut, forward);
            forward.apply(qkv);
            ops.attention().grad(qkv, shape, out, dOut, logSumExp, dqkv);
            assertClose(expected, dqkv, TOLERANCE, "dqkv " + shape);
        }
    }

    @Test
    void softmaxGradIsTheGradientOfTheWeightedNegativeLogProb() {
        int[] targets = {3, 4, 0, 6, 2};
        double[] scale = {0.5, 2, -0.25, 0, 1};
        INDArray logits = arrays.normal(5, 7);
        INDArray grad = logits.dup();
        TokenStatistics statistics = TokenStatistics.ofRows(5);
        ops.softmax().forward(grad, targets, 0, statistics);
        ops.softmax().grad(grad, targets, 0, statistics, scale);
        INDArray minusScale = arrays.of(scale, 5).neg();
        double[] expected = numericalGradient(logits, minusScale, z -> {
            TokenStatistics shifted = TokenStatistics.ofRows(5);
            ops.softmax().forward(z.dup(), targets, 0, shifted);
            return arrays.of(shifted.logProb(), 5);
        });
        assertClose(expected, grad, TOLERANCE, "gradient of sum(scale * -logProb)");
    }
}
