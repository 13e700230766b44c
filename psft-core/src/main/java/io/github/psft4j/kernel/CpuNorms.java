package io.github.psft4j.kernel;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Norms of {@link CpuOps}: over rows (RMSNorm, LayerNorm) and over the heads of fused rows. */
final class CpuNorms {

    private final WorkerPool pool;

    CpuNorms(WorkerPool pool) {
        this.pool = pool;
    }

    void rmsNorm(INDArray x, INDArray gain, double eps, INDArray y, INDArray inverseRms) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        FloatMemory inv = FloatMemory.of(inverseRms);
        int d = (int) gain.length();
        int n = (int) (x.length() / d);
        float[] g = FloatMemory.toArray(gain);
        pool.share(n, (scratch, from, to, id) -> {
            float[] row = scratch.array(0, d);
            float[] fold = scratch.array(1, d);
            float[] rms = scratch.array(2, to - from);
            for (int i = from; i < to; i++) {
                xs.get((long) i * d, row, d);
                float r = (float) (1 / Math.sqrt(Rows.sumOfSquares(row, d, fold) / d + eps));
                for (int j = 0; j < d; j++) {
                    row[j] = row[j] * r * g[j];
                }
                ys.put((long) i * d, row, d);
                rms[i - from] = r;
            }
            inv.put(from, rms, to - from);
        });
    }

    void rmsNormGrad(
            INDArray dy, INDArray x, INDArray gain, INDArray inverseRms, INDArray dx, float beta, INDArray dGain) {
        FloatMemory dys = FloatMemory.of(dy);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory dxs = FloatMemory.of(dx);
        FloatMemory inv = FloatMemory.of(inverseRms);
        int d = (int) gain.length();
        int n = (int) (x.length() / d);
        float[] g = FloatMemory.toArray(gain);
        float[][] partial = new float[pool.workers()][d]; // [workers, D]
        pool.share(n, (scratch, from, to, id) -> {
            float[] dyRow = scratch.array(0, d);
            float[] xRow = scratch.array(1, d);
            float[] dxRow = scratch.array(2, d);
            float[] fold = scratch.array(3, d);
            float[] rms = scratch.array(4, to - from);
            inv.get(from, rms, to - from);
            for (int i = from; i < to; i++) {
                dys.get((long) i * d, dyRow, d);
                xs.get((long) i * d, xRow, d);
                startRow(dxs, (long) i * d, dxRow, d, beta);
                rmsNormRowGrad(dyRow, xRow, g, rms[i - from], dxRow, partial[id], d, fold);
                dxs.put((long) i * d, dxRow, d);
            }
        });
        putSum(partial, dGain);
    }

    /** {@code dx += r (dy g - xhat mean(dy g xhat))}, {@code dGain += dy xhat}, with {@code xhat = x r}. */
    private static void rmsNormRowGrad(
            float[] dy, float[] x, float[] g, float r, float[] dx, float[] dGain, int d, float[] fold) {
        for (int j = 0; j < d; j++) {
            float xhat = x[j] * r;
            dGain[j] += dy[j] * xhat;
            fold[j] = dy[j] * g[j] * xhat;
        }
        float mean = Rows.sum(fold, d) / d;
        for (int j = 0; j < d; j++) {
            dx[j] += r * (dy[j] * g[j] - x[j] * r * mean);
        }
    }

    void layerNorm(INDArray x, INDArray gain, INDArray bias, double eps, INDArray y, INDArray inverseStd) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        FloatMemory inv = FloatMemory.of(inverseStd);
        int d = (int) gain.length();
        float[] g = FloatMemory.toArray(gain);
        float[] b = FloatMemory.toArray(bias);
        pool.share((int) (x.length() / d), (scratch, from, to, id) -> {
            float[] row = scratch.array(0, d);
            float[] fold = scratch.array(1, d);
            float[] std = scratch.array(2, to - from);
            for (int i = from; i < to; i++) {
                xs.get((long) i * d, row, d);
                Rows.subtract(row, d, Rows.sum(row, d) / d);
                float r = (float) (1 / Math.sqrt(Rows.sumOfSquares(row, d, fold) / d + eps));
                for (int j = 0; j < d; j++) {
                    row[j] = row[j] * r * g[j] + b[j];
                }
                ys.put((long) i * d, row, d);
                std[i - from] = r;
            }
            inv.put(from, std, to - from);
        });
    }

    void layerNormGrad(
            INDArray dy,
            INDArray x,
            INDArray gain,
            INDArray inverseStd,
            INDArray dx,
            float beta,
            INDArray dGain,
            INDArray dBias) {
        FloatMemory dys = FloatMemory.of(dy);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory dxs = FloatMemory.of(dx);
        FloatMemory inv = FloatMemory.of(inverseStd);
        int d = (int) gain.length();
        float[] g = FloatMemory.toArray(gain);
        float[][] gains = new float[pool.workers()][d]; // [workers, D]
        float[][] biases = new float[pool.workers()][d]; // [workers, D]
        pool.share((int) (x.length() / d), (scratch, from, to, id) -> {
            float[] dyRow = scratch.array(0, d);
            float[] xRow = scratch.array(1, d);
            float[] dxRow = scratch.array(2, d);
            float[] fold = scratch.array(3, d);
            float[] std = scratch.array(4, to - from);
            inv.get(from, std, to - from);
            for (int i = from; i < to; i++) {
                dys.get((long) i * d, dyRow, d);
                xs.get((long) i * d, xRow, d);
                Rows.add(dyRow, biases[id], d);
                Rows.subtract(xRow, d, Rows.sum(xRow, d) / d);
                for (int j = 0; j < d; j++) {
                    fold[j] = dyRow[j] * g[j];
                }
                float mean = Rows.sum(fold, d) / d;
                startRow(dxs, (long) i * d, dxRow, d, beta);
                // Without its mean, dy g goes through the scaling exactly as in RMSNorm.
                rmsNormRowGrad(dyRow, xRow, g, std[i - from], dxRow, gains[id], d, fold);
                Rows.subtract(dxRow, d, mean * std[i - from]);
                dxs.put((long) i * d, dxRow, d);
            }
        });
        putSum(gains, dGain);
        putSum(biases, dBias);
    }

    void heads(
            INDArray x,
            AttentionShape s,
            INDArray queryGain,
            INDArray keyGain,
            double eps,
            INDArray y,
            INDArray inverseRms) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        FloatMemory inv = FloatMemory.of(inverseRms);
        int d = s.headDim();
        int normed = s.heads() + s.kvHeads(); // queries, then keys
        float[] qg = FloatMemory.toArray(queryGain);
        float[] kg = FloatMemory.toArray(keyGain);
        pool.share(s.rows(), (scratch, from, to, id) -> {
            float[] row = scratch.array(0, s.qkvWidth());
            float[] head = scratch.array(1, d);
            float[] fold = scratch.array(2, d);
            float[] rms = scratch.array(3, normed);
            for (int i = from; i < to; i++) {
                xs.get((long) i * s.qkvWidth(), row, s.qkvWidth());
                for (int h = 0; h < normed; h++) {
                    float[] g = h < s.heads() ? qg : kg;
                    System.arraycopy(row, h * d, head, 0, d);
                    float r = (float) (1 / Math.sqrt(Rows.sumOfSquares(head, d, fold) / d + eps));
                    rms[h] = r;
                    for (int j = 0; j < d; j++) {
                        head[j] = head[j] * r * g[j];
                    }
                    System.arraycopy(head, 0, row, h * d, d);
                }
                ys.put((long) i * s.qkvWidth(), row, s.qkvWidth());
                inv.put((long) i * normed, rms, normed);
            }
        });
    }

    void headsGrad(
            INDArray dqkv,
            INDArray x,
            AttentionShape s,
            INDArray queryGain,
            INDArray keyGain,
            INDArray inverseRms,
            INDArray dQueryGain,
            INDArray dKeyGain) {
        FloatMemory dys = FloatMemory.of(dqkv);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory inv = FloatMemory.of(inverseRms);
        int d = s.headDim();
        int normed = s.heads() + s.kvHeads();
        float[] qg = FloatMemory.toArray(queryGain);
        float[] kg = FloatMemory.toArray(keyGain);
        float[][] dqg = new float[pool.workers()][d]; // [workers, d]
        float[][] dkg = new float[pool.workers()][d]; // [workers, d]
        pool.share(s.rows(), (scratch, from, to, id) -> {
            float[] dy = scratch.array(0, d);
            float[] head = scratch.array(1, d);
            float[] dx = scratch.array(2, d);
            float[] fold = scratch.array(3, d);
            float[] rms = scratch.array(4, normed);
            for (int i = from; i < to; i++) {
                inv.get((long) i * normed, rms, normed);
                for (int h = 0; h < normed; h++) {
                    boolean query = h < s.heads();
                    long at = (long) i * s.qkvWidth() + (long) h * d;
                    dys.get(at, dy, d);
                    xs.get(at, head, d);
                    Arrays.fill(dx, 0, d, 0f);
                    rmsNormRowGrad(dy, head, query ? qg : kg, rms[h], dx, query ? dqg[id] : dkg[id], d, fold);
                    dys.put(at, dx, d);
                }
            }
        });
        putSum(dqg, dQueryGain);
        putSum(dkg, dKeyGain);
    }

    /** Row of the gradient that the new one is added to: {@code beta} times what is there. */
    private static void startRow(FloatMemory dx, long at, float[] row, int d, float beta) {
        if (beta == 0) {
            Arrays.fill(row, 0, d, 0f);
        } else {
            dx.get(at, row, d);
            Rows.scale(row, d, beta);
        }
    }

    /** Sum of the workers' parts; the first is overwritten. */
    private static void putSum(float[][] partial, INDArray sum) {
        for (int w = 1; w < partial.length; w++) {
            Rows.add(partial[w], partial[0], partial[0].length);
        }
        FloatMemory.of(sum).put(0, partial[0], partial[0].length);
    }
}
