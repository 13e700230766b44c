package io.github.psft4j.kernel;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A few columns of long rows: the largest values, and reads and writes of chosen ones, for {@link CpuOps}. */
final class CpuColumns {

    private static final int BLOCK = 1024;

    private final WorkerPool pool;

    CpuColumns(WorkerPool pool) {
        this.pool = pool;
    }

    /** Insertion into a short sorted list; blocks whose maximum is below its end are only compared. */
    void topK(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        FloatMemory z = FloatMemory.of(x);
        int v = (int) x.size(1);
        pool.share((int) x.size(0), (scratch, from, to, id) -> {
            float[] block = scratch.array(0, BLOCK);
            for (int i = from; i < to; i++) {
                int first = (firstRow + i) * k;
                Arrays.fill(values, first, first + k, Double.NEGATIVE_INFINITY);
                int found = 0;
                for (int c = 0; c < v; c += BLOCK) {
                    int m = Math.min(BLOCK, v - c);
                    z.get((long) i * v + c, block, m);
                    if (found == k && Rows.max(block, m) <= values[first + k - 1]) {
                        continue;
                    }
                    for (int j = 0; j < m; j++) {
                        if (found < k || block[j] > values[first + k - 1]) {
                            found = insert(block[j], c + j, first, found, k, ids, values);
                        }
                    }
                }
            }
        });
    }

    private static int insert(float value, int column, int first, int found, int k, int[] ids, double[] values) {
        int at = first + Math.min(found, k - 1);
        while (at > first && values[at - 1] < value) {
            values[at] = values[at - 1];
            ids[at] = ids[at - 1];
            at--;
        }
        values[at] = value;
        ids[at] = column;
        return Math.min(k, found + 1);
    }

    void gather(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        FloatMemory z = FloatMemory.of(x);
        int v = (int) x.size(1);
        pool.share((int) x.size(0), (scratch, from, to, id) -> {
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
        pool.share((int) x.size(0), (scratch, from, to, id) -> {
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
