package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A few columns of long rows: the largest values, and reads and writes of chosen ones, for {@link CpuForm}. */
final class CpuColumns {

    private static final int BLOCK = 1024;

    private final WorkerPool pool;

    CpuColumns(WorkerPool pool) {
        this.pool = pool;
    }

    /** Insertion into a short sorted list; almost all values fail the one comparison with its end. */
    void topK(INDArray x, int k, int firstRow, int[] ids, double[] values) {
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

    /** Index of the first value above the bound from {@code from} on, or n: a loop that does nothing else is unrolled. */
    private static int above(float[] a, int from, int n, float bound) {
        int j = from;
        while (j < n && !(a[j] > bound)) {
            j++;
        }
        return j;
    }

    /** Puts a value into a list whose entries [0, end) are sorted, dropping entry {@code end}; the smallest is returned. */
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

    void gather(INDArray x, int k, int firstRow, int[] ids, double[] values) {
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

    void add(double[] values, int k, int firstRow, int[] ids, INDArray x) {
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
