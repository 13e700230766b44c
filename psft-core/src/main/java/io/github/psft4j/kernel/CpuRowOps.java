package io.github.psft4j.kernel;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Row-wise and element-wise operations of {@link CpuOps}: rows are copied to Java arrays in blocks, worked on, copied back. */
final class CpuRowOps {

    /** Floats per block: a few rows, small enough to stay in the first-level cache with its partners. */
    private static final int BLOCK = 4096;

    private final WorkerPool pool;

    CpuRowOps(WorkerPool pool) {
        this.pool = pool;
    }

    /** Elements [from, to) of one worker. */
    private interface Range {
        void run(Scratch scratch, int from, int to, int worker);
    }

    private void share(int n, Range range) {
        pool.run(id -> {
            int from = WorkerPool.start(n, id, pool.workers());
            int to = WorkerPool.start(n, id + 1, pool.workers());
            if (from < to) {
                range.run(Scratch.local(), from, to, id);
            }
        });
    }

    void gather(INDArray table, int[] ids, INDArray out) {
        FloatMemory e = FloatMemory.of(table);
        FloatMemory o = FloatMemory.of(out);
        int d = (int) table.size(1);
        share(ids.length, (scratch, from, to, id) -> {
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
        share((int) dTable.size(0), (scratch, from, to, id) -> {
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
        share(n, (scratch, from, to, id) -> {
            float[] row = scratch.array(0, d);
            float[] fold = scratch.array(1, d);
            float[] rms = scratch.array(2, to - from);
            for (int i = from; i < to; i++) {
                xs.get((long) i * d, row, d);
                float r = (float) (1 / Math.sqrt(Rows.sumOfSquares(row, 0, d, fold) / d + eps));
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
        share(n, (scratch, from, to, id) -> {
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
        float mean = Rows.foldSum(fold, d) / d;
        for (int j = 0; j < d; j++) {
            dx[j] += r * (dy[j] * g[j] - x[j] * r * mean);
        }
    }

    void swiGlu(INDArray gateUp, INDArray h) {
        FloatMemory gu = FloatMemory.of(gateUp);
        FloatMemory hs = FloatMemory.of(h);
        int f = (int) (gateUp.size(gateUp.rank() - 1) / 2);
        share((int) (gateUp.length() / (2L * f)), (scratch, from, to, id) -> {
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
        share((int) (gateUp.length() / (2L * f)), (scratch, from, to, id) -> {
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
            out[j] = -x[j];
        }
        Rows.exp(out, out, n);
        for (int j = 0; j < n; j++) {
            out[j] = 1f / (1f + out[j]);
        }
    }

    void softmax(INDArray logits, int[] targets, int firstRow, TokenStatistics out) {
        FloatMemory z = FloatMemory.of(logits);
        int v = (int) logits.size(1);
        share((int) logits.size(0), (scratch, from, to, id) -> {
            float[] row = scratch.array(0, v);
            float[] block = scratch.array(1, Math.max(v, BLOCK));
            float[] fold = scratch.array(2, BLOCK);
            for (int i = from; i < to; i++) {
                int target = targets[firstRow + i];
                if (target < 0) {
                    out.logProb()[firstRow + i] = 0;
                    out.entropy()[firstRow + i] = 0;
                    out.expSum()[firstRow + i] = 0;
                    continue;
                }
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

    void softmaxGrad(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
        FloatMemory z = FloatMemory.of(exps);
        int v = (int) exps.size(1);
        share((int) exps.size(0), (scratch, from, to, id) -> {
            float[] row = scratch.array(0, v);
            for (int i = from; i < to; i++) {
                int target = targets[firstRow + i];
                double s = scale[firstRow + i];
                if (target < 0 || s == 0) {
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

    void copy(INDArray x, INDArray y) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        blocks(x.length(), (scratch, at, m, block) -> {
            float[] a = scratch.array(0, BLOCK);
            xs.get(at, a, m);
            ys.put(at, a, m);
        });
    }

    void add(INDArray x, INDArray y) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        blocks(x.length(), (scratch, at, m, block) -> {
            float[] a = scratch.array(0, BLOCK);
            float[] b = scratch.array(1, BLOCK);
            xs.get(at, a, m);
            ys.get(at, b, m);
            Rows.add(a, b, m);
            ys.put(at, b, m);
        });
    }

    /** Partial sums are kept per block, not per worker, so that the result does not depend on the number of threads. */
    double sumOfSquares(INDArray x) {
        FloatMemory xs = FloatMemory.of(x);
        double[] partial = new double[(int) ((x.length() + BLOCK - 1) / BLOCK)];
        blocks(x.length(), (scratch, at, m, block) -> {
            float[] a = scratch.array(0, BLOCK);
            xs.get(at, a, m);
            partial[block] = Rows.sumOfSquares(a, 0, m, scratch.array(1, BLOCK));
        });
        double sum = 0;
        for (double p : partial) {
            sum += p;
        }
        return sum;
    }

    void adamW(INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step) {
        FloatMemory w = FloatMemory.of(weights);
        FloatMemory g = FloatMemory.of(gradient);
        FloatMemory m1 = FloatMemory.of(firstMoment);
        FloatMemory m2 = FloatMemory.of(secondMoment);
        float decay = (float) (1 - step.learningRate() * step.weightDecay());
        float rate = (float) (step.learningRate() / step.bias1());
        float bias2 = (float) (1 / Math.sqrt(step.bias2()));
        float b1 = (float) step.beta1();
        float b2 = (float) step.beta2();
        float c1 = (float) (1 - step.beta1());
        float c2 = (float) (1 - step.beta2());
        float eps = (float) step.epsilon();
        float gradScale = (float) step.gradientScale();
        blocks(weights.length(), (scratch, at, n, block) -> {
            float[] ws = scratch.array(0, BLOCK);
            float[] gs = scratch.array(1, BLOCK);
            float[] ms = scratch.array(2, BLOCK);
            float[] vs = scratch.array(3, BLOCK);
            w.get(at, ws, n);
            g.get(at, gs, n);
            m1.get(at, ms, n);
            m2.get(at, vs, n);
            for (int j = 0; j < n; j++) {
                float x = gs[j] * gradScale;
                ms[j] = b1 * ms[j] + c1 * x;
                vs[j] = b2 * vs[j] + c2 * x * x;
            }
            for (int j = 0; j < n; j++) {
                gs[j] = (float) Math.sqrt(vs[j]) * bias2 + eps;
            }
            for (int j = 0; j < n; j++) {
                ws[j] = ws[j] * decay - rate * ms[j] / gs[j];
            }
            w.put(at, ws, n);
            m1.put(at, ms, n);
            m2.put(at, vs, n);
        });
    }

    /** A block of a flat vector: elements [at, at + n), block number {@code index}. */
    private interface Block {
        void run(Scratch scratch, long at, int n, int index);
    }

    private void blocks(long length, Block work) {
        int count = (int) ((length + BLOCK - 1) / BLOCK);
        share(count, (scratch, from, to, id) -> {
            for (int i = from; i < to; i++) {
                long at = (long) i * BLOCK;
                work.run(scratch, at, (int) Math.min(BLOCK, length - at), i);
            }
        });
    }

    private static float[] toArray(INDArray vector) {
        float[] a = new float[(int) vector.length()];
        FloatMemory.of(vector).get(0, a, a.length);
        return a;
    }
}
