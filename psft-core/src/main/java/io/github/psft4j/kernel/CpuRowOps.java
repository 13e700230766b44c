package io.github.psft4j.kernel;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Lookup, norm and activation rows of {@link CpuOps}: a row is copied to a Java array, worked on and copied back. */
final class CpuRowOps {

    /** Floats per block: a few rows, small enough to stay in the first-level cache with its partners. */
    private static final int BLOCK = 4096;

    private final WorkerPool pool;

    CpuRowOps(WorkerPool pool) {
        this.pool = pool;
    }

    void gather(INDArray table, int[] ids, INDArray out) {
        FloatMemory e = FloatMemory.of(table);
        FloatMemory o = FloatMemory.of(out);
        int d = (int) table.size(1);
        pool.share(ids.length, (scratch, from, to, id) -> {
            float[] row = scratch.array(0, d);
            for (int i = from; i < to; i++) {
                e.get((long) ids[i] * d, row, d);
                o.put((long) i * d, row, d);
            }
        });
    }

    /** Every worker owns a range of the table and reads all ids, so that no two add to one row. */
    void scatterAdd(INDArray dy, int[] ids, INDArray dTable) {
        FloatMemory g = FloatMemory.of(dy);
        FloatMemory e = FloatMemory.of(dTable);
        int d = (int) dTable.size(1);
        pool.share((int) dTable.size(0), (scratch, from, to, id) -> {
            float[] row = scratch.array(0, d);
            float[] sum = scratch.array(1, d);
            for (int i = 0; i < ids.length; i++) {
                if (ids[i] < from || ids[i] >= to) {
                    continue;
                }
                g.get((long) i * d, row, d);
                e.get((long) ids[i] * d, sum, d);
                Rows.add(row, sum, d);
                e.put((long) ids[i] * d, sum, d);
            }
        });
    }

    void rmsNorm(INDArray x, INDArray gain, double eps, INDArray y, INDArray inverseRms) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        FloatMemory inv = FloatMemory.of(inverseRms);
        int d = (int) gain.length();
        int n = (int) (x.length() / d);
        float[] g = toArray(gain);
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
        float[] g = toArray(gain);
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
                if (beta != 0) {
                    dxs.get((long) i * d, dxRow, d);
                    Rows.scale(dxRow, d, beta);
                } else {
                    Arrays.fill(dxRow, 0, d, 0f);
                }
                rmsNormRowGrad(dyRow, xRow, g, rms[i - from], dxRow, partial[id], d, fold);
                dxs.put((long) i * d, dxRow, d);
            }
        });
        for (int w = 1; w < partial.length; w++) {
            Rows.add(partial[w], partial[0], d);
        }
        FloatMemory.of(dGain).put(0, partial[0], d);
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

    void swiGlu(INDArray gateUp, INDArray h) {
        FloatMemory gu = FloatMemory.of(gateUp);
        FloatMemory hs = FloatMemory.of(h);
        int f = (int) (gateUp.size(gateUp.rank() - 1) / 2);
        pool.share((int) (gateUp.length() / (2L * f)), (scratch, from, to, id) -> {
            float[] gate = scratch.array(0, BLOCK);
            float[] up = scratch.array(1, BLOCK);
            float[] sigmoid = scratch.array(2, BLOCK);
            for (int i = from; i < to; i++) {
                for (int c = 0; c < f; c += BLOCK) {
                    int m = Math.min(BLOCK, f - c);
                    gu.get((long) i * 2 * f + c, gate, m);
                    gu.get((long) i * 2 * f + f + c, up, m);
                    sigmoid(gate, sigmoid, m);
                    for (int j = 0; j < m; j++) {
                        up[j] = gate[j] * sigmoid[j] * up[j];
                    }
                    hs.put((long) i * f + c, up, m);
                }
            }
        });
    }

    void swiGluGrad(INDArray dh, INDArray gateUp, INDArray dGateUp) {
        FloatMemory dhs = FloatMemory.of(dh);
        FloatMemory gu = FloatMemory.of(gateUp);
        FloatMemory dgu = FloatMemory.of(dGateUp);
        int f = (int) (gateUp.size(gateUp.rank() - 1) / 2);
        pool.share((int) (gateUp.length() / (2L * f)), (scratch, from, to, id) -> {
            float[] gate = scratch.array(0, BLOCK);
            float[] up = scratch.array(1, BLOCK);
            float[] sigmoid = scratch.array(2, BLOCK);
            float[] grad = scratch.array(3, BLOCK);
            for (int i = from; i < to; i++) {
                for (int c = 0; c < f; c += BLOCK) {
                    int m = Math.min(BLOCK, f - c);
                    long at = (long) i * 2 * f + c;
                    gu.get(at, gate, m);
                    gu.get(at + f, up, m);
                    dhs.get((long) i * f + c, grad, m);
                    sigmoid(gate, sigmoid, m);
                    for (int j = 0; j < m; j++) {
                        up[j] = grad[j] * up[j] * sigmoid[j] * (1 + gate[j] * (1 - sigmoid[j]));
                    }
                    for (int j = 0; j < m; j++) {
                        grad[j] = grad[j] * gate[j] * sigmoid[j];
                    }
                    dgu.put(at, up, m);
                    dgu.put(at + f, grad, m);
                }
            }
        });
    }

    /** {@code out = 1 / (1 + exp(-x))}. */
    private static void sigmoid(float[] x, float[] out, int n) {
        for (int j = 0; j < n; j++) {
            out[j] = Math.min(Math.max(-x[j], -87f), 87f);
        }
        Rows.exp(out, out, n);
        for (int j = 0; j < n; j++) {
            out[j] = 1f / (1f + out[j]);
        }
    }

    private static float[] toArray(INDArray vector) {
        float[] a = new float[(int) vector.length()];
        FloatMemory.of(vector).get(0, a, a.length);
        return a;
    }
}
