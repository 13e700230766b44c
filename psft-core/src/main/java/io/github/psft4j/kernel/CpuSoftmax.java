package io.github.psft4j.kernel;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The fused softmax of {@link CpuOps}: log-prob, entropy and exponentials of a row in one sweep, the gradient in place
 * in another.
 */
final class CpuSoftmax {

    /** Floats of a row worked on at once, so that a long vocabulary stays in the first-level cache. */
    private static final int BLOCK = 4096;

    private final WorkerPool pool;

    CpuSoftmax(WorkerPool pool) {
        this.pool = pool;
    }

    void forward(INDArray logits, int[] targets, int firstRow, TokenStatistics out) {
        FloatMemory z = FloatMemory.of(logits);
        int v = (int) logits.size(1);
        pool.share((int) logits.size(0), (scratch, from, to, id) -> {
            float[] row = scratch.array(0, v);
            float[] block = scratch.array(1, Math.max(v, BLOCK));
            float[] fold = scratch.array(2, BLOCK);
            for (int i = from; i < to; i++) {
                int target = targets[firstRow + i];
                z.get((long) i * v, row, v);
                float max = Rows.max(row, v, block);
                double targetLogit = row[target];
                double sum = 0;
                double weighted = 0; // sum of e (z - max)
                for (int c = 0; c < v; c += BLOCK) {
                    int m = Math.min(BLOCK, v - c);
                    for (int j = 0; j < m; j++) {
                        block[j] = Math.max(row[c + j] - max, -87f);
                    }
                    Rows.exp(block, fold, m);
                    System.arraycopy(fold, 0, row, c, m);
                    for (int j = 0; j < m; j++) {
                        block[j] = block[j] * fold[j];
                    }
                    sum += Rows.foldSum(fold, m);
                    weighted += Rows.foldSum(block, m);
                }
                z.put((long) i * v, row, v);
                double logSum = Math.log(sum);
                out.logProb()[firstRow + i] = (float) (targetLogit - max - logSum);
                out.entropy()[firstRow + i] = logSum - weighted / sum;
                out.expSum()[firstRow + i] = sum;
            }
        });
    }

    void gradient(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
        FloatMemory z = FloatMemory.of(exps);
        int v = (int) exps.size(1);
        pool.share((int) exps.size(0), (scratch, from, to, id) -> {
            float[] row = scratch.array(0, v);
            for (int i = from; i < to; i++) {
                int target = targets[firstRow + i];
                double s = scale[firstRow + i];
                if (s == 0) {
                    Arrays.fill(row, 0, v, 0f);
                } else {
                    z.get((long) i * v, row, v);
                    Rows.scale(row, v, (float) (s / statistics.expSum()[firstRow + i]));
                    row[target] -= (float) s;
                }
                z.put((long) i * v, row, v);
            }
        });
    }
}
