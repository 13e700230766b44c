package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.GuardedArrays.assertClose;
import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.kernel.TensorOpsTest.Candidate;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Rotary positions and attention of every implementation, whole and from a cache, against the loops of
 * {@link ScalarReference}.
 */
class TensorOpsAttentionTest {

    private static final String CANDIDATES = "io.github.psft4j.kernel.TensorOpsTest#candidates";

    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void rotationMatchesScalarLoopsAndLeavesValuesAlone(Candidate it) {
        for (AttentionShape shape : TensorOpsTest.TRAINING_SHAPES) {
            RotaryTable table = new RotaryTable(910, shape.headDim(), 10_000);
            for (int first : new int[] {0, 6}) {
                for (boolean inverse : new boolean[] {false, true}) {
                    GuardedArrays arrays = it.arrays(first);
                    INDArray qkv = arrays.normal(shape.rows(), shape.qkvWidth());
                    double[] expected = ScalarReference.rotate(values(qkv), shape, table, first, inverse);
                    it.ops().attention().rotate(qkv, shape, table, first, inverse);
                    assertClose(expected, qkv, it.tolerance(), shape + " from " + first + " inverse " + inverse);
                    arrays.assertGuardsIntact();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void attentionAndItsGradientMatchScalarLoops(Candidate it) {
        for (AttentionShape shape : TensorOpsTest.TRAINING_SHAPES) {
            GuardedArrays arrays = it.arrays(shape.hashCode());
            INDArray qkv = arrays.normal(shape.rows(), shape.qkvWidth());
            INDArray dOut = arrays.normal(shape.rows(), shape.outWidth());
            INDArray out = arrays.garbage(shape.rows(), shape.outWidth());
            INDArray logSumExp = arrays.garbage((long) shape.batch() * shape.heads(), shape.time());
            INDArray dqkv = arrays.garbage(shape.rows(), shape.qkvWidth());

            it.ops().attention().forward(qkv, shape, out, logSumExp);
            it.ops().attention().grad(qkv, shape, out, dOut, logSumExp, dqkv);

            var expected = new ScalarReference.Attention(values(qkv), shape, values(dOut));
            assertClose(expected.out, out, it.tolerance(), "out " + shape);
            double[] lse = values(logSumExp);
            for (int i = 0; i < lse.length; i++) {
                lse[i] = Double.isNaN(expected.logSumExp[i]) ? Double.NaN : lse[i]; // of padding: anything
            }
            assertClose(expected.logSumExp, lse, it.tolerance(), "logSumExp " + shape);
            assertClose(expected.dqkv, dqkv, it.tolerance(), "dqkv " + shape);
            arrays.assertGuardsIntact();
        }
    }

    /**
     * Prompts of half the length, then token by token; every sequence in a slot of its own, the last one in the first
     * slot.
     */
    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void attentionTokenByTokenEqualsAttentionOfTheWhole(Candidate it) {
        for (AttentionShape shape : TensorOpsTest.ATTENTION_SHAPES) {
            int batch = shape.batch();
            int time = shape.time();
            GuardedArrays arrays = it.arrays(shape.hashCode());
            INDArray qkv = arrays.normal(batch, time, shape.qkvWidth());
            double[] expected = new ScalarReference.Attention(values(qkv), shape, null).out;
            KeyValueCache cache = it.ops().cachedAttention().memory().cache(batch + 1, shape, qkv, time + 3);
            int[] slots = IntStream.range(0, batch).map(b -> (b + 1) % batch).toArray();
            int prompt = time / 2;
            if (prompt > 0) {
                INDArray rows = arrays.garbage(batch * prompt, shape.qkvWidth());
                rows.reshape('c', batch, prompt, shape.qkvWidth()).assign(Views.narrow(qkv, 1, 0, prompt));
                it.ops().cachedAttention().store(rows, shape.withTime(prompt), cache, slots);
            }
            for (int t = prompt; t < time; t++) {
                INDArray rows = arrays.garbage(batch, shape.qkvWidth());
                rows.assign(Views.narrow(qkv, 1, t, t + 1).reshape(batch, shape.qkvWidth()));
                INDArray out = arrays.garbage(batch, shape.outWidth());
                int[] positions = new int[batch];
                Arrays.fill(positions, t);
                it.ops().cachedAttention().next(rows, shape.withTime(1), cache, slots, positions, out);
                double[] row = new double[batch * shape.outWidth()];
                for (int b = 0; b < batch; b++) {
                    System.arraycopy(
                            expected, (b * time + t) * shape.outWidth(), row, b * shape.outWidth(), shape.outWidth());
                }
                assertClose(row, out, it.tolerance(), shape + " at " + t);
            }
            arrays.assertGuardsIntact();
        }
    }

    /** Half of every sequence, then all the rest of it at once, with a ring that is shorter than the rest. */
    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void severalNewTokensSeeEachOther(Candidate it) {
        for (AttentionShape shape : TensorOpsTest.ATTENTION_SHAPES) {
            int batch = shape.batch();
            int time = shape.time();
            int prompt = time / 2;
            int rest = time - prompt;
            if (prompt == 0) {
                continue;
            }
            GuardedArrays arrays = it.arrays(shape.hashCode());
            INDArray qkv = arrays.normal(batch, time, shape.qkvWidth());
            double[] expected = new ScalarReference.Attention(values(qkv), shape, null).out;
            KeyValueCache cache = it.ops().cachedAttention().memory().cache(batch + 1, shape, qkv, time + 3);
            int[] slots = IntStream.range(0, batch).map(b -> (b + 1) % batch).toArray();
            INDArray first = arrays.garbage(batch * prompt, shape.qkvWidth());
            first.reshape('c', batch, prompt, shape.qkvWidth()).assign(Views.narrow(qkv, 1, 0, prompt));
            it.ops().cachedAttention().store(first, shape.withTime(prompt), cache, slots);
            INDArray rows = arrays.garbage(batch * rest, shape.qkvWidth());
            rows.reshape('c', batch, rest, shape.qkvWidth()).assign(Views.narrow(qkv, 1, prompt, time));
            int[] slotOf =
                    IntStream.range(0, batch * rest).map(r -> slots[r / rest]).toArray();
            int[] positions =
                    IntStream.range(0, batch * rest).map(r -> prompt + r % rest).toArray();
            INDArray out = arrays.garbage(batch * rest, shape.outWidth());
            AttentionShape together = shape.within(SequenceLayout.whole(1, batch * rest));
            it.ops().cachedAttention().next(rows, together, cache, slotOf, positions, out);
            double[] last = new double[batch * rest * shape.outWidth()];
            for (int b = 0; b < batch; b++) {
                System.arraycopy(
                        expected,
                        (b * time + prompt) * shape.outWidth(),
                        last,
                        b * rest * shape.outWidth(),
                        rest * shape.outWidth());
            }
            assertClose(last, out, it.tolerance(), shape.toString());
            arrays.assertGuardsIntact();
        }
    }

    /** Sequences at different positions neither see nor move each other. */
    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void sequencesOfDifferentLengthsShareACache(Candidate it) {
        AttentionShape shape = new AttentionShape(3, 1, 4, 2, 4, 3, 0.7);
        GuardedArrays arrays = it.arrays(3);
        int[] starts = {0, 4, 1};
        KeyValueCache together = it.ops().cachedAttention().memory().cache(3, shape, arrays.normal(1), 20);
        KeyValueCache[] alone = new KeyValueCache[3];
        RotaryTable table = new RotaryTable(32, 4, 100);
        for (int b = 0; b < 3; b++) {
            alone[b] = it.ops().cachedAttention().memory().cache(1, shape, arrays.normal(1), 20);
            if (starts[b] > 0) {
                AttentionShape prompt = new AttentionShape(1, starts[b], 4, 2, 4, 3, 0.7);
                INDArray rows = arrays.normal(starts[b], shape.qkvWidth());
                it.ops().cachedAttention().store(rows, prompt, together, new int[] {b});
                it.ops().cachedAttention().store(rows, prompt, alone[b], new int[] {0});
            }
        }
        for (int step = 0; step < 9; step++) {
            int now = step;
            INDArray rows = arrays.normal(3, shape.qkvWidth());
            INDArray out = arrays.garbage(3, shape.outWidth());
            INDArray[] single = new INDArray[3];
            for (int b = 0; b < 3; b++) {
                single[b] = arrays.garbage(1, shape.qkvWidth());
                single[b].assign(Views.rowRange(rows, b, b + 1));
            }
            int[] positions = Arrays.stream(starts).map(p -> p + now).toArray();
            it.ops().cachedAttention().rotate(rows, shape, table, positions);
            it.ops().cachedAttention().next(rows, shape, together, new int[] {0, 1, 2}, positions, out);
            AttentionShape one = new AttentionShape(1, 1, 4, 2, 4, 3, 0.7);
            for (int b = 0; b < 3; b++) {
                INDArray outAlone = arrays.garbage(1, shape.outWidth());
                it.ops().attention().rotate(single[b], one, table, positions[b], false);
                it.ops()
                        .cachedAttention()
                        .next(single[b], one, alone[b], new int[1], new int[] {positions[b]}, outAlone);
                assertClose(values(outAlone), Views.rowRange(out, b, b + 1), it.tolerance(), "sequence " + b);
            }
        }
        arrays.assertGuardsIntact();
    }

    /** A query reads nothing outside its window, and the cache keeps nothing else. */
    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void keysOutsideTheWindowsOfABlockAreNotRead(Candidate it) {
        AttentionShape shape = new AttentionShape(1, 300, 2, 1, 4, 8, 0.5);
        GuardedArrays arrays = it.arrays(1);
        INDArray qkv = arrays.normal(300, shape.qkvWidth());
        INDArray out = arrays.garbage(300, shape.outWidth());
        KeyValueCache cache = it.ops().cachedAttention().memory().cache(1, shape, qkv, 300);
        assertEquals(8, cache.capacity());
        INDArray last = arrays.normal(1, shape.qkvWidth());
        INDArray lastOut = arrays.garbage(1, shape.outWidth());
        for (int t = 292; t < 300; t++) {
            last.assign(Views.rowRange(qkv, t, t + 1));
            it.ops().cachedAttention().next(last, shape.withTime(1), cache, new int[1], new int[] {t}, lastOut);
        }
        it.ops().attention().forward(qkv, shape, out, arrays.garbage(2, 300));
        assertClose(values(Views.rowRange(out, 299, 300)), lastOut, it.tolerance(), "last row");
    }
}
