package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.GuardedArrays.assertClose;
import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.psft4j.kernel.Norms.HeadGains;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Norms, biases and activations that only some model families have, in every implementation, against plain loops. */
class TensorOpsFamiliesTest {

    static Stream<TensorOpsTest.Candidate> candidates() {
        return TensorOpsTest.candidates();
    }

    @ParameterizedTest
    @MethodSource("candidates")
    void layerNormAndItsGradientMatchScalarLoopsForRowsFarFromZero(TensorOpsTest.Candidate it) {
        double eps = 1e-2;
        for (int[] s : new int[][] {{1, 2}, {5, 3}, {6, 33}, {40, 64}, {3, 1000}}) {
            for (double beta : new double[] {0, 1, 0.5}) {
                int n = s[0];
                int width = s[1];
                GuardedArrays arrays = it.arrays(n + width);
                INDArray x = arrays.normal(n, width).addi(3);
                INDArray gain = arrays.normal(width);
                INDArray bias = arrays.normal(width);
                INDArray dy = arrays.normal(n, width);
                INDArray y = arrays.garbage(n, width);
                INDArray inverseStd = arrays.garbage(n);
                INDArray dx = beta == 0 ? arrays.garbage(n, width) : arrays.normal(n, width);
                INDArray dGain = arrays.garbage(width);
                INDArray dBias = arrays.garbage(width);
                double[] dx0 = values(dx);

                it.ops().norms().forward(x, new WeightAndBias(gain, bias), eps, y, inverseStd);
                it.ops()
                        .norms()
                        .grad(
                                dy,
                                x,
                                new WeightAndBias(gain, null),
                                inverseStd,
                                dx,
                                beta,
                                new WeightAndBias(dGain, dBias));

                double[] centred = values(x);
                for (int i = 0; i < n; i++) {
                    double mean =
                            Arrays.stream(centred, i * width, (i + 1) * width).sum() / width;
                    for (int j = 0; j < width; j++) {
                        centred[i * width + j] -= mean;
                    }
                }
                double[] gains = values(gain);
                double[] dys = values(dy);
                double[] yExpected = ScalarReference.rmsNorm(centred, gains, eps);
                double[] r = ScalarReference.inverseRms(centred, width, eps);
                double[] dxExpected = ScalarReference.rmsNormGradInput(dys, centred, gains, eps, dx0, beta);
                double[] dBiasExpected = new double[width];
                for (int i = 0; i < n; i++) {
                    double mean = 0;
                    for (int j = 0; j < width; j++) {
                        yExpected[i * width + j] += values(bias)[j];
                        dBiasExpected[j] += dys[i * width + j];
                        mean += dys[i * width + j] * gains[j] / width;
                    }
                    for (int j = 0; j < width; j++) {
                        dxExpected[i * width + j] -= r[i] * mean;
                    }
                }
                String at = Arrays.toString(s) + " beta " + beta;
                assertClose(yExpected, y, it.tolerance(), "y " + at);
                assertClose(r, inverseStd, it.tolerance(), "1/std " + at);
                assertClose(dxExpected, dx, it.tolerance(), "dx " + at);
                double[] dGainExpected = ScalarReference.rmsNormGradGain(dys, centred, width, eps);
                assertClose(dGainExpected, dGain, it.tolerance(), "dGain " + at);
                assertClose(dBiasExpected, dBias, it.tolerance(), "dBias " + at);
                arrays.assertGuardsIntact();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("candidates")
    void headNormsMatchScalarLoopsAndLeaveValuesAlone(TensorOpsTest.Candidate it) {
        double eps = 1e-2;
        for (AttentionShape shape : TensorOpsTest.ATTENTION_SHAPES) {
            GuardedArrays arrays = it.arrays(shape.hashCode());
            int d = shape.headDim();
            int heads = shape.heads() + shape.kvHeads();
            INDArray x = arrays.normal(shape.rows(), shape.qkvWidth());
            INDArray queryGain = arrays.normal(d);
            INDArray keyGain = arrays.normal(d);
            INDArray y = arrays.garbage(shape.rows(), shape.qkvWidth());
            INDArray inverseRms = arrays.garbage(shape.rows(), heads);
            INDArray dqkv = arrays.normal(shape.rows(), shape.qkvWidth());
            INDArray dQueryGain = arrays.garbage(d);
            INDArray dKeyGain = arrays.garbage(d);
            double[] xs = values(x);
            double[] yExpected = xs.clone();
            double[] dys = values(dqkv);
            double[] dxExpected = dys.clone();
            double[] dq = new double[d];
            double[] dk = new double[d];
            for (int i = 0; i < shape.rows(); i++) {
                for (int h = 0; h < heads; h++) {
                    int at = i * shape.qkvWidth() + h * d;
                    double[] head = Arrays.copyOfRange(xs, at, at + d);
                    double[] dHead = Arrays.copyOfRange(dys, at, at + d);
                    double[] gain = values(h < shape.heads() ? queryGain : keyGain);
                    System.arraycopy(ScalarReference.rmsNorm(head, gain, eps), 0, yExpected, at, d);
                    double[] dx = ScalarReference.rmsNormGradInput(dHead, head, gain, eps, new double[d], 0);
                    System.arraycopy(dx, 0, dxExpected, at, d);
                    double[] dGain = ScalarReference.rmsNormGradGain(dHead, head, d, eps);
                    for (int j = 0; j < d; j++) {
                        (h < shape.heads() ? dq : dk)[j] += dGain[j];
                    }
                }
            }

            it.ops().norms().heads(x, shape, new HeadGains(queryGain, keyGain), eps, y, inverseRms);
            it.ops()
                    .norms()
                    .headsGrad(
                            dqkv,
                            x,
                            shape,
                            new HeadGains(queryGain, keyGain),
                            inverseRms,
                            new HeadGains(dQueryGain, dKeyGain));

            assertClose(yExpected, y, it.tolerance(), "y " + shape);
            assertClose(dxExpected, dqkv, it.tolerance(), "dx " + shape);
            assertClose(dq, dQueryGain, it.tolerance(), "dQueryGain " + shape);
            assertClose(dk, dKeyGain, it.tolerance(), "dKeyGain " + shape);
            arrays.assertGuardsIntact();
        }
    }

    @ParameterizedTest
    @MethodSource("candidates")
    void biasesAreAddedToEveryRowAndTheirGradientIsTheSumOfRows(TensorOpsTest.Candidate it) {
        for (int[] s : new int[][] {{1, 1}, {1, 7}, {5, 1}, {300, 33}}) {
            GuardedArrays arrays = it.arrays(s[0] + s[1]);
            INDArray bias = arrays.normal(s[1]);
            INDArray y = arrays.normal(s[0], s[1]);
            double[] ys = values(y);
            double[] sums = new double[s[1]];
            double[] expected = ys.clone();
            for (int i = 0; i < ys.length; i++) {
                expected[i] += values(bias)[i % s[1]];
                sums[i % s[1]] += ys[i];
            }
            INDArray sum = arrays.garbage(s[1]);
            it.ops().vectors().sumRows(y, sum);
            it.ops().vectors().addRow(bias, y);
            assertClose(sums, sum, it.tolerance(), "sum");
            assertClose(expected, y, it.tolerance(), "y");
            arrays.assertGuardsIntact();
        }
    }

    @ParameterizedTest
    @MethodSource("candidates")
    void activationsAndTheirGradientsMatchScalarLoopsUpToSaturation(TensorOpsTest.Candidate it) {
        for (Activation a : Activation.values()) {
            for (double deviation : new double[] {0.1, 1, 30, 1e4}) {
                for (int[] s : new int[][] {{1, 1}, {5, 1}, {1, 9}, {7, 33}, {2, 5000}}) {
                    activation(it, a, deviation, s[0], s[1]);
                }
            }
        }
    }

    private static void activation(TensorOpsTest.Candidate it, Activation a, double deviation, int n, int width) {
        GuardedArrays arrays = it.arrays(n + width);
        INDArray gateUp = arrays.scaledNormal(deviation, n, 2 * width);
        INDArray dh = arrays.normal(n, width);
        INDArray h = arrays.garbage(n, width);
        INDArray dGateUp = arrays.garbage(n, 2 * width);
        INDArray y = arrays.garbage(n, 2 * width);
        INDArray dx = arrays.garbage(n, 2 * width);

        it.ops().activations().apply(a, gateUp, y);
        it.ops().activations().grad(a, gateUp, gateUp, dx);
        it.ops().activations().gated(a, gateUp, h);
        it.ops().activations().gatedGrad(a, dh, gateUp, dGateUp);
        INDArray dhThenH = arrays.garbage(n, width).assign(dh);
        INDArray again = arrays.garbage(n, 2 * width);
        it.ops().activations().gatedGrad(a, dhThenH, gateUp, again, dhThenH);

        double[] xs = values(gateUp);
        double[] dhs = values(dh);
        double[] hExpected = new double[n * width];
        double[] grad = new double[2 * n * width];
        for (int i = 0; i < hExpected.length; i++) {
            int gate = i / width * 2 * width + i % width;
            hExpected[i] = ScalarActivation.value(a, xs[gate]) * xs[gate + width];
            grad[gate] = dhs[i] * xs[gate + width] * ScalarActivation.slope(a, xs[gate]);
            grad[gate + width] = dhs[i] * ScalarActivation.value(a, xs[gate]);
        }
        String at = a + " [" + n + ", " + width + "] deviation " + deviation;
        double[] dxExpected =
                Arrays.stream(xs).map(x -> x * ScalarActivation.slope(a, x)).toArray();
        assertClose(Arrays.stream(xs).map(x -> ScalarActivation.value(a, x)).toArray(), y, it.tolerance(), "y " + at);
        assertClose(dxExpected, dx, it.tolerance(), "dx " + at);
        assertClose(hExpected, h, it.tolerance(), "h " + at);
        assertClose(grad, dGateUp, it.tolerance(), "dGateUp " + at);
        assertArrayEquals(values(dGateUp), values(again), "with the hidden units " + at);
        assertArrayEquals(values(h), values(dhThenH), "hidden units again " + at);
        arrays.assertGuardsIntact();
    }
}
