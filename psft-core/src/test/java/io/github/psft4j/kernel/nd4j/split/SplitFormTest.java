package io.github.psft4j.kernel.nd4j.split;

import static io.github.psft4j.kernel.GuardedArrays.assertClose;
import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.GuardedArrays;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.WeightAndBias;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.nd4j.Nd4jForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What {@link SplitForm} promises beyond the right numbers, which the tests of all forms see: the splits, and that
 * results repeat.
 */
class SplitFormTest {

    private static RowSplit slices(int workers) {
        return new RowSplit(new WorkerPool(workers), 1024, 0);
    }

    @Test
    void slicesCoverAllRowsOnceAndEveryWorkerHasAsMany() {
        RowSplit split = slices(3);
        for (long[] s : new long[][] {{1, 5}, {2, 5}, {3, 1}, {7, 100}, {100, 1}, {1000, 7}}) {
            int count = split.countPerCache(DataType.DOUBLE, s[0], s[1]);
            assertTrue(count == s[0] || count % 3 == 0, count + " slices of " + s[0]);
            int[] seen = new int[(int) s[0]];
            List<Integer> numbers = new ArrayList<>();
            split.run(count, DataType.DOUBLE, s[0], slice -> {
                synchronized (numbers) {
                    numbers.add(slice.number());
                    for (int row = slice.first(); row < slice.end(); row++) {
                        seen[row]++;
                    }
                }
            });
            assertTrue(Arrays.stream(seen).allMatch(n -> n == 1), Arrays.toString(seen));
            assertEquals(count, numbers.stream().distinct().count());
        }
        split.run(1, DataType.DOUBLE, 0, slice -> {
            throw new AssertionError("no rows, no slice");
        });
        assertEquals(1, new RowSplit(new WorkerPool(3)).countPerCache(DataType.FLOAT, 100, 10), "too little to split");
    }

    /** Sums over rows are put together from slices that any worker may finish first. */
    @Test
    void sumsOverRowsRepeatToTheLastBitAndAreThoseOfTheWholeCall() {
        int n = 257;
        int d = 24;
        GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, 1);
        INDArray x = arrays.normal(n, d);
        INDArray dy = arrays.normal(n, d);
        INDArray gain = arrays.normal(d);
        INDArray inverse = arrays.garbage(n);
        TensorOps ops = new TensorOps(new SplitForm(slices(3)));
        ops.norms().forward(x, new WeightAndBias(gain, gain), 1e-5, arrays.garbage(n, d), inverse);
        double[] first = null;
        for (int i = 0; i < 20; i++) {
            INDArray dx = arrays.garbage(n, d);
            INDArray dGain = arrays.garbage(d);
            INDArray dBias = arrays.garbage(d);
            INDArray sums = arrays.garbage(d);
            ops.norms().grad(dy, x, new WeightAndBias(gain, null), inverse, dx, 0, new WeightAndBias(dGain, dBias));
            ops.vectors().sumRows(dy, sums);
            List<double[]> all = List.of(values(dx), values(dGain), values(dBias), values(sums), new double[] {
                ops.vectors().sumOfSquares(dy)
            });
            double[] now = all.stream().flatMapToDouble(Arrays::stream).toArray();
            if (first == null) {
                first = now;
                INDArray wholeGain = arrays.garbage(d);
                INDArray wholeBias = arrays.garbage(d);
                new TensorOps(new Nd4jForm())
                        .norms()
                        .grad(
                                dy,
                                x,
                                new WeightAndBias(gain, null),
                                inverse,
                                dx,
                                0,
                                new WeightAndBias(wholeGain, wholeBias));
                assertClose(values(wholeGain), dGain, 1e-5, "dGain");
                assertClose(values(wholeBias), dBias, 1e-5, "dBias");
                assertClose(values(wholeBias), sums, 1e-5, "sums");
            }
            assertArrayEquals(first, now);
        }
        arrays.assertGuardsIntact();
    }

    /**
     * Few rows of tokens: the heads are split; the results must be those of the whole call, padding and windows
     * included.
     */
    @Test
    void attentionSplitByHeadsIsThatOfTheWholeCall() {
        SequenceLayout packed = SequenceLayout.of(new int[] {0, 0, 0, 1, 1, 1, 1, -1, -1}, 1, 9);
        for (AttentionShape s : List.of(
                new AttentionShape(1, 9, 6, 3, 4),
                new AttentionShape(1, 9, 4, 4, 2, 3, 0.5),
                new AttentionShape(2, 9, 8, 4, 2),
                new AttentionShape(1, 9, 4, 2, 2).within(packed))) {
            GuardedArrays arrays = new GuardedArrays(DataType.DOUBLE, s.heads());
            INDArray qkv = arrays.normal(s.rows(), s.qkvWidth());
            INDArray dOut = arrays.normal(s.rows(), s.outWidth());
            double[][] results = new double[2][];
            TensorOps[] forms = {new TensorOps(new Nd4jForm()), new TensorOps(new SplitForm(slices(3)))};
            for (int i = 0; i < 2; i++) {
                INDArray out = arrays.garbage(s.rows(), s.outWidth());
                INDArray lse = arrays.of(new double[s.batch() * s.heads() * s.time()], s.batch() * s.heads(), s.time());
                INDArray dqkv = arrays.garbage(s.rows(), s.qkvWidth());
                forms[i].attention().forward(qkv, s, out, lse);
                forms[i].attention().grad(qkv, s, out, dOut, lse, dqkv);
                results[i] = Arrays.stream(new INDArray[] {out, dqkv})
                        .flatMapToDouble(x -> Arrays.stream(values(x)))
                        .toArray();
            }
            for (int i = 0; i < results[0].length; i++) {
                assertEquals(results[0][i], results[1][i], 1e-12, s + " at " + i);
            }
            arrays.assertGuardsIntact();
        }
    }

    @Test
    void aRefusedTargetLeavesEverySliceAsItWas() {
        INDArray logits = new GuardedArrays(DataType.DOUBLE, 1).normal(9, 40);
        double[] before = values(logits);
        int[] targets = {0, 1, 2, 3, 4, 5, 6, 7, 40};
        TensorOps ops = new TensorOps(new SplitForm(slices(2)));
        TokenStatistics out = TokenStatistics.dense(9);
        assertThrows(IllegalArgumentException.class, () -> ops.softmax().forward(logits, targets, 0, out));
        assertThrows(IllegalArgumentException.class, () -> ops.softmax().grad(logits, targets, 0, out, new double[9]));
        assertArrayEquals(before, values(logits), "a refused call must not write");
        assertInstanceOf(Nd4jForm.class, ops.serial().form(), "a worker with sequences of its own splits nothing");
    }
}
