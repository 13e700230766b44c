package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.RowGradient;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.VocabularySoftmax;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link VocabularySoftmax} in float: log-prob, entropy and exponentials of a row in one sweep, the gradient in place
 * in another.
 */
record CpuSoftmax(WorkerPool pool, RowMath rows) implements VocabularySoftmax {

    /** Floats of a row worked on at once, so that a long vocabulary stays in the first-level cache. */
    private static final int BLOCK = 1024;

    @Override
    public void forward(INDArray logits, int[] targets, int firstRow, TokenStatistics out) {
        FloatMemory z = FloatMemory.of(logits);
        int v = (int) logits.size(1);
        pool.share((int) logits.size(0), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] block = scratch.array(0, BLOCK);
            double[] sums = new double[2]; // of e and of e (z - max)
            for (int i = from; i < to; i++) {
                long at = (long) i * v;
                float max = CpuDenseSoftmax.max(rows, z, at, v, block);
                int target = targets[firstRow + i];
                z.get(at + target, block, 1);
                double targetLogit = block[0];
                sums[0] = 0;
                sums[1] = 0;
                for (int c = 0; c < v; c += BLOCK) {
                    int m = Math.min(BLOCK, v - c);
                    z.get(at + c, block, m);
                    rows.expSums(block, m, max, sums);
                    z.put(at + c, block, m);
                }
                out.set(firstRow + i, true, max, targetLogit - max, sums[0], sums[1]);
            }
        });
    }

    @Override
    public void grad(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
        FloatMemory z = FloatMemory.of(exps);
        int v = (int) exps.size(1);
        pool.share((int) exps.size(0), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] block = scratch.array(0, BLOCK);
            for (int i = from; i < to; i++) {
                int target = targets[firstRow + i];
                double s = scale[firstRow + i];
                float factor = (float) (s / statistics.expSum()[firstRow + i]);
                if (s == 0) {
                    Arrays.fill(block, 0, BLOCK, 0f); // clipped: nothing to read
                }
                for (int c = 0; c < v; c += BLOCK) {
                    int m = Math.min(BLOCK, v - c);
                    if (s != 0) {
                        z.get((long) i * v + c, block, m);
                        rows.scale(block, m, factor);
                    }
                    if (target >= c && target < c + m) {
                        block[target - c] -= (float) s;
                    }
                    z.put((long) i * v + c, block, m);
                }
            }
        });
    }

    @Override
    public void denseForward(INDArray logits, INDArray reference, int[] targets, int firstRow, TokenStatistics out) {
        new CpuDenseSoftmax(pool, rows).forward(logits, reference, targets, firstRow, out);
    }

    @Override
    public void denseGrad(
            INDArray logits,
            INDArray reference,
            int[] targets,
            int firstRow,
            TokenStatistics statistics,
            RowGradient gradient) {
        new CpuDenseSoftmax(pool, rows).gradient(logits, reference, targets, firstRow, statistics, gradient);
    }

    /** Insertion into a short sorted list; almost all values fail the one comparison with its end. */
    @Override
    public void topK(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        FloatMemory z = FloatMemory.of(x);
        int v = (int) x.size(1);
        pool.share((int) x.size(0), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] block = scratch.array(0, BLOCK);
            for (int i = from; i < to; i++) {
                int first = (firstRow + i) * k;
                float last = Float.NEGATIVE_INFINITY; // k-th largest so far
                for (int c = 0; c < v; c += BLOCK) {
                    int m = Math.min(BLOCK, v - c);
                    z.get((long) i * v + c, block, m);
                    int j = 0;
                    for (; j < m && c + j < k; j++) {
                        last = insert(block[j], c + j, first, c + j, k, ids, values);
                    }
                    for (j = above(block, j, m, last); j < m; j = above(block, j + 1, m, last)) {
                        last = insert(block[j], c + j, first, k - 1, k, ids, values);
                    }
                }
            }
        });
    }

    /**
     * Index of the first value above the bound from {@code from} on, or n: a loop that does nothing else is unrolled.
     */
    private static int above(float[] a, int from, int n, float bound) {
        int j = from;
        while (j < n && !(a[j] > bound)) {
            j++;
        }
        return j;
    }

    /**
     * Puts a value into a list whose entries [0, end) are sorted, dropping entry {@code end}; the smallest is returned.
     */
    private static float insert(float value, int column, int first, int end, int k, int[] ids, double[] values) {
        int at = first + end;
        while (at > first && values[at - 1] < value) {
            values[at] = values[at - 1];
            ids[at] = ids[at - 1];
            at--;
        }
        values[at] = value;
        ids[at] = column;
        return end == k - 1 ? (float) values[first + k - 1] : Float.NEGATIVE_INFINITY;
    }

    @Override
    public void gatherColumns(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        FloatMemory z = FloatMemory.of(x);
        int v = (int) x.size(1);
        pool.share((int) x.size(0), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] one = scratch.array(0, 1);
            for (int at = (firstRow + from) * k; at < (firstRow + to) * k; at++) {
                z.get((long) (at / k - firstRow) * v + ids[at], one, 1);
                values[at] = one[0];
            }
        });
    }

    @Override
    public void addColumns(double[] values, int k, int firstRow, int[] ids, INDArray x) {
        FloatMemory z = FloatMemory.of(x);
        int v = (int) x.size(1);
        pool.share((int) x.size(0), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] one = scratch.array(0, 1);
            for (int at = (firstRow + from) * k; at < (firstRow + to) * k; at++) {
                long cell = (long) (at / k - firstRow) * v + ids[at];
                z.get(cell, one, 1);
                one[0] += (float) values[at];
                z.put(cell, one, 1);
            }
        });
    }
}
