package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.GuardedArrays.assertClose;
import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.TensorOpsTest.Candidate;
import io.github.psft4j.kernel.cpu.CpuForm;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scores whose exponentials overflow without their maximum, heads as wide as those of models, long caches, many rows.
 */
class AttentionExtremesTest {

    private static final String CANDIDATES = "io.github.psft4j.kernel.TensorOpsTest#candidates";

    /**
     * Widths of one and two blocks of channels with a rest; more than a tile of keys; all heads of one key at once or
     * not.
     */
    private static final List<AttentionShape> SHAPES = List.of(
            new AttentionShape(2, 40, 4, 2, 20),
            new AttentionShape(1, 600, 8, 2, 11),
            new AttentionShape(1, 300, 14, 2, 9),
            new AttentionShape(1, 400, 2, 1, 8, 300, 0.3));

    /** Queries and keys of deviation 6: scores of some hundreds, those of hidden keys among them. */
    private static INDArray queriesKeysValues(Candidate it, GuardedArrays arrays, AttentionShape shape) {
        INDArray qkv = arrays.normal(shape.rows(), shape.qkvWidth());
        int rotated = shape.valueColumn(0);
        for (int row = 0; row < shape.rows(); row++) {
            for (int c = 0; c < rotated; c++) {
                qkv.putScalar(row, c, 6 * qkv.getDouble(row, c));
            }
        }
        return qkv;
    }

    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void largeScoresNeitherOverflowNorLetHiddenKeysIn(Candidate it) {
        for (AttentionShape shape : SHAPES) {
            GuardedArrays arrays = it.arrays(3);
            INDArray qkv = queriesKeysValues(it, arrays, shape);
            INDArray dOut = arrays.normal(shape.rows(), shape.outWidth());
            INDArray out = arrays.garbage(shape.rows(), shape.outWidth());
            INDArray logSumExp = arrays.garbage((long) shape.batch() * shape.heads(), shape.time());
            INDArray dqkv = arrays.garbage(shape.rows(), shape.qkvWidth());
            it.ops().attention().forward(qkv, shape, out, logSumExp);
            it.ops().attention().grad(qkv, shape, out, dOut, logSumExp, dqkv);
            var expected = new ScalarReference.Attention(values(qkv), shape, values(dOut));
            double tolerance = 30 * it.tolerance(); // a score of 300 is known to 2e-5 in float
            assertClose(expected.out, out, tolerance, "out " + shape);
            assertClose(expected.logSumExp, logSumExp, it.tolerance(), "logSumExp " + shape);
            assertClose(expected.dqkv, dqkv, tolerance, "dqkv " + shape);
            arrays.assertGuardsIntact();
        }
    }

    /** All but the last two tokens as a prompt, then token by token. */
    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void largeScoresAndWideHeadsComeOutOfACacheToo(Candidate it) {
        for (AttentionShape shape : SHAPES) {
            int batch = shape.batch();
            int time = shape.time();
            int width = shape.outWidth();
            GuardedArrays arrays = it.arrays(4);
            INDArray qkv = queriesKeysValues(it, arrays, shape);
            double[] expected = new ScalarReference.Attention(values(qkv), shape, null).out;
            INDArray bySequence = qkv.reshape('c', batch, time, shape.qkvWidth());
            KeyValueCache cache = it.ops().cachedAttention().memory().cache(batch, shape, qkv, time);
            int[] slots = new int[batch];
            Arrays.setAll(slots, b -> b);
            INDArray prompt = arrays.garbage((long) batch * (time - 2), shape.qkvWidth());
            prompt.reshape('c', batch, time - 2, shape.qkvWidth()).assign(Views.narrow(bySequence, 1, 0, time - 2));
            it.ops().cachedAttention().store(prompt, shape.withTime(time - 2), cache, slots);
            for (int t = time - 2; t < time; t++) {
                INDArray row = arrays.garbage(batch, shape.qkvWidth());
                row.assign(Views.narrow(bySequence, 1, t, t + 1).reshape(batch, shape.qkvWidth()));
                INDArray out = arrays.garbage(batch, width);
                int[] positions = new int[batch];
                Arrays.fill(positions, t);
                it.ops().cachedAttention().next(row, shape.withTime(1), cache, slots, positions, out);
                double[] wanted = new double[batch * width];
                for (int b = 0; b < batch; b++) {
                    System.arraycopy(expected, (b * time + t) * width, wanted, b * width, width);
                }
                assertClose(wanted, out, 30 * it.tolerance(), shape + " at " + t);
            }
            arrays.assertGuardsIntact();
        }
    }

    /**
     * Its score is 200 above theirs, which is the maximum that must be found wherever it stands; a key of the future
     * counts for nothing.
     */
    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void aKeyThatOutweighsAllOthersIsFoundAnywhere(Candidate it) {
        int time = 9;
        AttentionShape shape = new AttentionShape(1, time, 1, 1, 4);
        for (int heavy = 0; heavy < time; heavy++) {
            GuardedArrays arrays = it.arrays(heavy);
            double[] rows = new double[time * 12];
            double[] whole = new double[time * 4];
            for (int t = 0; t < time; t++) {
                for (int c = 0; c < 4; c++) {
                    rows[t * 12 + c] = 1;
                    rows[t * 12 + 4 + c] = t == heavy ? 100 : 0;
                    rows[t * 12 + 8 + c] = t + 1;
                    whole[t * 4 + c] = 1 + (t < heavy ? t / 2.0 : heavy); // mean of 1 .. t + 1, or the heavy one's
                }
            }
            INDArray qkv = arrays.of(rows, time, 12);
            INDArray out = arrays.garbage(time, 4);
            it.ops().attention().forward(qkv, shape, out, arrays.garbage(1, time));
            assertClose(whole, out, it.tolerance(), "key " + heavy);
            KeyValueCache cache = it.ops().cachedAttention().memory().cache(1, shape, qkv, time);
            for (int t = 0; t < time; t++) {
                INDArray next = arrays.garbage(1, 4);
                INDArray row = arrays.of(Arrays.copyOfRange(rows, t * 12, (t + 1) * 12), 1, 12);
                it.ops().cachedAttention().next(row, shape.withTime(1), cache, new int[1], new int[] {t}, next);
                double[] wanted = Arrays.copyOfRange(whole, t * 4, (t + 1) * 4);
                for (int c = 0; c < 4; c++) {
                    assertEquals(wanted[c], values(next)[c], 10 * it.tolerance(), "key " + heavy + " at " + t);
                }
            }
        }
    }

    /** With equal keys the gradient of a query is their common key times that sum: what is left is rounding alone. */
    @ParameterizedTest
    @MethodSource("cpuImplementations")
    void gradientsOfTheScoresOfAQueryAddUpToZero(TensorOps ops) {
        AttentionShape shape = new AttentionShape(1, 100, 1, 1, 8);
        GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, 6);
        INDArray qkv = arrays.normal(100, 24);
        for (int row = 0; row < 100; row++) {
            for (int c = 0; c < 8; c++) {
                qkv.putScalar(row, 8 + c, 1);
                qkv.putScalar(row, 16 + c, 3 + qkv.getDouble(row, 16 + c));
            }
        }
        INDArray dOut = arrays.of(Arrays.stream(new double[800]).map(z -> 1).toArray(), 100, 8);
        INDArray out = arrays.garbage(100, 8);
        INDArray logSumExp = arrays.garbage(1, 100);
        INDArray dqkv = arrays.garbage(100, 24);
        ops.attention().forward(qkv, shape, out, logSumExp);
        ops.attention().grad(qkv, shape, out, dOut, logSumExp, dqkv);
        double largest = 0;
        for (int row = 0; row < 100; row++) {
            largest = Math.max(largest, Math.abs(dqkv.getDouble(row, 0)));
        }
        assertTrue(largest < 2.5e-5, ops.name() + ": " + largest + " of terms that add up to 8 in magnitude");
    }

    static Stream<TensorOps> cpuImplementations() {
        return TensorOpsTest.floatImplementations().filter(ops -> ops.form() instanceof CpuForm);
    }

    /** More rows than are summed in one part, so that parts are added up, and shares that do not begin at row 0. */
    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void gradientsOfGainsSumOverManyRows(Candidate it) {
        int n = 700;
        int width = 5;
        double eps = 0.1;
        GuardedArrays arrays = it.arrays(5);
        INDArray x = arrays.normal(n, width);
        INDArray gain = arrays.normal(width);
        INDArray bias = arrays.of(new double[width], width);
        INDArray dy = arrays.normal(n, width);
        INDArray y = arrays.garbage(n, width);
        INDArray inverse = arrays.garbage(n);
        INDArray dx = arrays.garbage(n, width);
        INDArray dGain = arrays.garbage(width);
        INDArray dBias = arrays.garbage(width);
        double[] xs = values(x);
        double[] gains = values(gain);
        double[] dys = values(dy);
        double[] none = new double[xs.length];

        it.ops().norms().forward(x, new WeightAndBias(gain, null), eps, y, inverse);
        it.ops().norms().grad(dy, x, new WeightAndBias(gain, null), inverse, dx, 0, new WeightAndBias(dGain, null));
        assertClose(ScalarReference.rmsNorm(xs, gains, eps), y, it.tolerance(), "y");
        assertClose(ScalarReference.rmsNormGradInput(dys, xs, gains, eps, none, 0), dx, it.tolerance(), "dx");
        assertClose(ScalarReference.rmsNormGradGain(dys, xs, width, eps), dGain, 3 * it.tolerance(), "dGain");

        it.ops().norms().forward(x, new WeightAndBias(gain, bias), eps, y, inverse);
        it.ops().norms().grad(dy, x, new WeightAndBias(gain, null), inverse, dx, 0, new WeightAndBias(dGain, dBias));
        double[] centred = xs.clone();
        double[] sums = new double[width];
        for (int i = 0; i < n; i++) {
            double mean = Arrays.stream(xs, i * width, (i + 1) * width).sum() / width;
            for (int c = 0; c < width; c++) {
                centred[i * width + c] -= mean;
                sums[c] += dys[i * width + c];
            }
        }
        assertClose(ScalarReference.rmsNorm(centred, gains, eps), y, 3 * it.tolerance(), "layer norm");
        assertClose(
                ScalarReference.rmsNormGradGain(dys, centred, width, eps), dGain, 3 * it.tolerance(), "layer dGain");
        assertClose(sums, dBias, 3 * it.tolerance(), "layer dBias");
        arrays.assertGuardsIntact();
    }
}
