package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The fused softmax of {@link CpuForm}: log-prob, entropy and exponentials of a row in one sweep, the gradient in place
 * in another.
 */
final class CpuSoftmax {

    /** Floats of a row worked on at once, so that a long vocabulary stays in the first-level cache. */
    private static final int BLOCK = 1024;

    private final WorkerPool pool;
    private final RowMath rows;

    CpuSoftmax(WorkerPool pool, RowMath rows) {
        this.pool = pool;
        this.rows = rows;
    }

    void forward(INDArray logits, int[] targets, int firstRow, TokenStatistics out) {
        FloatMemory z = FloatMemory.of(logits);
        int v = (int) logits.size(1);
        pool.share((int) logits.size(0), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] block = scratch.array(0, BLOCK);
            double[] sums = new double[2]; // of e and of e (z - max)
            for (int i = from; i < to; i++) {
                long at = (long) i * v;
                float max = Float.NEGATIVE_INFINITY;
                for (int c = 0; c < v; c += BLOCK) {
                    int m = Math.min(BLOCK, v - c);
                    z.get(at + c, block, m);
                    max = Math.max(max, rows.max(block, m));
                }
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
                double logSum = Math.log(sums[0]);
                out.logProb()[firstRow + i] = (float) (targetLogit - max - logSum);
                out.entropy()[firstRow + i] = logSum - sums[1] / sums[0];
                out.expSum()[firstRow + i] = sums[0];
                out.max()[firstRow + i] = max;
            }
        });
    }

    void gradient(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
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
}
