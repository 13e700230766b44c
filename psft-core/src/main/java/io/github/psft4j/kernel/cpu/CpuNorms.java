package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.Norms;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Norms} in float: over rows (RMSNorm, LayerNorm) and over the heads of fused rows.
 *
 * <p>The gradient of a gain is a sum over all rows. It is formed per {@value #PART} rows, and these parts are added in
 * order, so that it does not depend on the number of threads.
 */
record CpuNorms(WorkerPool pool, RowMath rows) implements Norms {

    private static final int PART = 64;

    @Override
    public void rms(INDArray x, INDArray gain, double eps, INDArray y, INDArray inverseRms) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        FloatMemory inv = FloatMemory.of(inverseRms);
        int d = (int) gain.length();
        float[] g = shared(gain, 0);
        pool.share((int) (x.length() / d), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] row = scratch.array(0, d);
            float[] rms = scratch.array(1, to - from);
            for (int i = from; i < to; i++) {
                xs.get((long) i * d, row, d);
                rms[i - from] = rows.rmsNorm(row, g, d, eps);
                ys.put((long) i * d, row, d);
            }
            inv.put(from, rms, to - from);
        });
    }

    @Override
    public void rmsGrad(
            INDArray dy, INDArray x, INDArray gain, INDArray inverseRms, INDArray dx, double beta, INDArray dGain) {
        FloatMemory dys = FloatMemory.of(dy);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory dxs = FloatMemory.of(dx);
        FloatMemory inv = FloatMemory.of(inverseRms);
        int d = (int) gain.length();
        int n = (int) (x.length() / d);
        float[] g = shared(gain, 0);
        float[] gains = partial(1, n, d); // [parts, D]
        parts(n, (scratch, part, from, to) -> {
            float[] dyRow = scratch.array(0, d);
            float[] xRow = scratch.array(1, d);
            float[] dxRow = scratch.array(2, d);
            float[] rms = scratch.array(3, PART);
            float[] sum = scratch.zeroed(4, d);
            inv.get(from, rms, to - from);
            for (int i = from; i < to; i++) {
                dys.get((long) i * d, dyRow, d);
                xs.get((long) i * d, xRow, d);
                startRow(dxs, (long) i * d, dxRow, d, (float) beta);
                rows.rmsNormGrad(dyRow, xRow, g, rms[i - from], dxRow, sum, d);
                dxs.put((long) i * d, dxRow, d);
            }
            System.arraycopy(sum, 0, gains, part * d, d);
        });
        putSum(gains, n, d, dGain);
    }

    @Override
    public void layer(INDArray x, INDArray gain, INDArray bias, double eps, INDArray y, INDArray inverseStd) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        FloatMemory inv = FloatMemory.of(inverseStd);
        int d = (int) gain.length();
        float[] g = shared(gain, 0);
        float[] b = shared(bias, 1);
        pool.share((int) (x.length() / d), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] row = scratch.array(0, d);
            float[] std = scratch.array(1, to - from);
            for (int i = from; i < to; i++) {
                xs.get((long) i * d, row, d);
                std[i - from] = rows.layerNorm(row, g, b, d, eps);
                ys.put((long) i * d, row, d);
            }
            inv.put(from, std, to - from);
        });
    }

    @Override
    public void layerGrad(
            INDArray dy,
            INDArray x,
            INDArray gain,
            INDArray inverseStd,
            INDArray dx,
            double beta,
            INDArray dGain,
            INDArray dBias) {
        FloatMemory dys = FloatMemory.of(dy);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory dxs = FloatMemory.of(dx);
        FloatMemory inv = FloatMemory.of(inverseStd);
        int d = (int) gain.length();
        int n = (int) (x.length() / d);
        float[] g = shared(gain, 0);
        float[] gains = partial(1, n, d); // [parts, D]
        float[] biases = partial(2, n, d); // [parts, D]
        parts(n, (scratch, part, from, to) -> {
            float[] dyRow = scratch.array(0, d);
            float[] xRow = scratch.array(1, d);
            float[] dxRow = scratch.array(2, d);
            float[] std = scratch.array(3, PART);
            float[] sum = scratch.zeroed(4, d);
            float[] biasSum = scratch.zeroed(5, d);
            inv.get(from, std, to - from);
            for (int i = from; i < to; i++) {
                dys.get((long) i * d, dyRow, d);
                xs.get((long) i * d, xRow, d);
                startRow(dxs, (long) i * d, dxRow, d, (float) beta);
                rows.layerNormGrad(dyRow, xRow, g, std[i - from], dxRow, sum, biasSum, d);
                dxs.put((long) i * d, dxRow, d);
            }
            System.arraycopy(sum, 0, gains, part * d, d);
            System.arraycopy(biasSum, 0, biases, part * d, d);
        });
        putSum(gains, n, d, dGain);
        putSum(biases, n, d, dBias);
    }

    @Override
    public void heads(
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
        int width = s.qkvWidth();
        int normed = s.heads() + s.kvHeads(); // queries, then keys
        float[] qg = shared(queryGain, 0);
        float[] kg = shared(keyGain, 1);
        pool.share(s.rows(), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] row = scratch.array(0, width);
            float[] head = scratch.array(1, d);
            float[] rms = scratch.array(2, normed);
            for (int i = from; i < to; i++) {
                xs.get((long) i * width, row, width);
                for (int h = 0; h < normed; h++) {
                    System.arraycopy(row, h * d, head, 0, d);
                    rms[h] = rows.rmsNorm(head, h < s.heads() ? qg : kg, d, eps);
                    System.arraycopy(head, 0, row, h * d, d);
                }
                ys.put((long) i * width, row, width);
                inv.put((long) i * normed, rms, normed);
            }
        });
    }

    @Override
    public void headsGrad(
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
        float[] qg = shared(queryGain, 0);
        float[] kg = shared(keyGain, 1);
        float[] queryGains = partial(2, s.rows(), d); // [parts, d]
        float[] keyGains = partial(3, s.rows(), d); // [parts, d]
        parts(s.rows(), (scratch, part, from, to) -> {
            float[] dy = scratch.array(0, d);
            float[] head = scratch.array(1, d);
            float[] dx = scratch.array(2, d);
            float[] rms = scratch.array(3, normed);
            float[] querySum = scratch.zeroed(4, d);
            float[] keySum = scratch.zeroed(5, d);
            for (int i = from; i < to; i++) {
                inv.get((long) i * normed, rms, normed);
                for (int h = 0; h < normed; h++) {
                    boolean query = h < s.heads();
                    long at = (long) i * s.qkvWidth() + (long) h * d;
                    dys.get(at, dy, d);
                    xs.get(at, head, d);
                    Arrays.fill(dx, 0, d, 0f);
                    rows.rmsNormGrad(dy, head, query ? qg : kg, rms[h], dx, query ? querySum : keySum, d);
                    dys.put(at, dx, d);
                }
            }
            System.arraycopy(querySum, 0, queryGains, part * d, d);
            System.arraycopy(keySum, 0, keyGains, part * d, d);
        });
        putSum(queryGains, s.rows(), d, dQueryGain);
        putSum(keyGains, s.rows(), d, dKeyGain);
    }

    /** Row of the gradient that the new one is added to: {@code beta} times what is there. */
    private void startRow(FloatMemory dx, long at, float[] row, int d, float beta) {
        if (beta == 0) {
            Arrays.fill(row, 0, d, 0f);
            return;
        }
        dx.get(at, row, d);
        if (beta != 1) {
            rows.scale(row, d, beta);
        }
    }

    /** Rows [from, to), part number {@code part}. */
    private interface Part {
        void run(ThreadScratch scratch, int part, int from, int to);
    }

    private static int count(int n) {
        return (n + PART - 1) / PART;
    }

    private void parts(int n, Part work) {
        pool.share(count(n), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            for (int part = from; part < to; part++) {
                work.run(scratch, part, part * PART, Math.min(n, (part + 1) * PART));
            }
        });
    }

    /** A gain or bias in the calling thread's scratch memory, for all workers to read. */
    private static float[] shared(INDArray vector, int slot) {
        int n = (int) vector.length();
        float[] a = ThreadScratch.local().array(ThreadScratch.SHARED + slot, n);
        FloatMemory.of(vector).get(0, a, n);
        return a;
    }

    /** Sums per part, {@code [parts, d]}, in the calling thread's scratch memory. */
    private static float[] partial(int slot, int n, int d) {
        return ThreadScratch.local().array(ThreadScratch.SHARED + slot, count(n) * d);
    }

    private void putSum(float[] partial, int n, int d, INDArray sum) {
        ThreadScratch scratch = ThreadScratch.local();
        float[] total = scratch.zeroed(0, d);
        float[] part = scratch.array(1, d);
        for (int i = 0; i < count(n); i++) {
            System.arraycopy(partial, i * d, part, 0, d);
            rows.add(part, total, d);
        }
        FloatMemory.of(sum).put(0, total, d);
    }
}
