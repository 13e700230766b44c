package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.Norms;
import io.github.psft4j.kernel.Norms.HeadGains;
import io.github.psft4j.kernel.WeightAndBias;
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
record CpuNorms(WorkerPool pool, RowMath math) implements Norms {

    private static final int PART = 64;

    @Override
    public void forward(INDArray x, WeightAndBias w, double eps, INDArray y, INDArray inverse) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        FloatMemory inv = FloatMemory.of(inverse);
        int d = (int) w.weight().length();
        float[] g = shared(w.weight(), 0);
        float[] b = w.bias() == null ? null : shared(w.bias(), 1);
        pool.share((int) (x.length() / d), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] row = scratch.array(0, d);
            float[] inverses = scratch.array(1, to - from);
            for (int i = from; i < to; i++) {
                xs.get((long) i * d, row, d);
                inverses[i - from] = b == null ? math.rmsNorm(row, g, d, eps) : math.layerNorm(row, g, b, d, eps);
                ys.put((long) i * d, row, d);
            }
            inv.put(from, inverses, to - from);
        });
    }

    @Override
    public void grad(
            INDArray dy, INDArray x, WeightAndBias w, INDArray inverse, INDArray dx, double beta, WeightAndBias dw) {
        FloatMemory dys = FloatMemory.of(dy);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory dxs = FloatMemory.of(dx);
        FloatMemory inv = FloatMemory.of(inverse);
        int d = (int) w.weight().length();
        float[] g = shared(w.weight(), 0);
        sums((int) (x.length() / d), d, dw.weight(), dw.bias(), (scratch, gains, biases, from, to) -> {
            float[] dyRow = scratch.array(0, d);
            float[] xRow = scratch.array(1, d);
            float[] dxRow = scratch.array(2, d);
            float[] inverses = scratch.array(3, PART);
            inv.get(from, inverses, to - from);
            for (int i = from; i < to; i++) {
                dys.get((long) i * d, dyRow, d);
                xs.get((long) i * d, xRow, d);
                startRow(dxs, (long) i * d, dxRow, d, (float) beta);
                if (dw.bias() == null) {
                    math.rmsNormGrad(dyRow, xRow, g, inverses[i - from], dxRow, gains, d);
                } else {
                    math.layerNormGrad(dyRow, xRow, g, inverses[i - from], dxRow, gains, biases, d);
                }
                dxs.put((long) i * d, dxRow, d);
            }
        });
    }

    @Override
    public void heads(INDArray x, AttentionShape s, HeadGains gains, double eps, INDArray y, INDArray inverseRms) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        FloatMemory inv = FloatMemory.of(inverseRms);
        int d = s.headDim();
        int width = s.qkvWidth();
        int normed = s.heads() + s.kvHeads(); // queries, then keys
        float[] qg = shared(gains.query(), 0);
        float[] kg = shared(gains.key(), 1);
        pool.share(s.rows(), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] row = scratch.array(0, width);
            float[] head = scratch.array(1, d);
            float[] rms = scratch.array(2, normed);
            for (int i = from; i < to; i++) {
                xs.get((long) i * width, row, width);
                for (int h = 0; h < normed; h++) {
                    System.arraycopy(row, h * d, head, 0, d);
                    rms[h] = math.rmsNorm(head, h < s.heads() ? qg : kg, d, eps);
                    System.arraycopy(head, 0, row, h * d, d);
                }
                ys.put((long) i * width, row, width);
                inv.put((long) i * normed, rms, normed);
            }
        });
    }

    @Override
    public void headsGrad(
            INDArray dqkv, INDArray x, AttentionShape s, HeadGains gains, INDArray inverseRms, HeadGains dGains) {
        FloatMemory dys = FloatMemory.of(dqkv);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory inv = FloatMemory.of(inverseRms);
        int d = s.headDim();
        int normed = s.heads() + s.kvHeads();
        float[] qg = shared(gains.query(), 0);
        float[] kg = shared(gains.key(), 1);
        sums(s.rows(), d, dGains.query(), dGains.key(), (scratch, querySum, keySum, from, to) -> {
            float[] dy = scratch.array(0, d);
            float[] head = scratch.array(1, d);
            float[] dx = scratch.array(2, d);
            float[] rms = scratch.array(3, normed);
            for (int i = from; i < to; i++) {
                inv.get((long) i * normed, rms, normed);
                for (int h = 0; h < normed; h++) {
                    boolean query = h < s.heads();
                    long at = (long) i * s.qkvWidth() + (long) h * d;
                    dys.get(at, dy, d);
                    xs.get(at, head, d);
                    Arrays.fill(dx, 0, d, 0f);
                    math.rmsNormGrad(dy, head, query ? qg : kg, rms[h], dx, query ? querySum : keySum, d);
                    dys.put(at, dx, d);
                }
            }
        });
    }

    /** Row of the gradient that the new one is added to: {@code beta} times what is there. */
    private void startRow(FloatMemory dx, long at, float[] row, int d, float beta) {
        if (beta == 0) {
            Arrays.fill(row, 0, d, 0f);
            return;
        }
        dx.get(at, row, d);
        if (beta != 1) {
            math.scale(row, d, beta);
        }
    }

    /** Work on the rows [from, to), one part, that adds to one or two sums {@code [d]}. */
    private interface Part {
        void run(ThreadScratch scratch, float[] first, float[] second, int from, int to);
    }

    /** Runs the work for n rows and puts its sums over all rows into first and second; second may be null. */
    private void sums(int n, int d, INDArray first, INDArray second, Part work) {
        int count = (n + PART - 1) / PART;
        float[] firsts = ThreadScratch.local().array(ThreadScratch.SHARED + 2, count * d); // [parts, d]
        float[] seconds = ThreadScratch.local().array(ThreadScratch.SHARED + 3, count * d); // [parts, d]
        pool.share(count, (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            for (int part = from; part < to; part++) {
                float[] firstSum = scratch.zeroed(4, d);
                float[] secondSum = scratch.zeroed(5, d);
                work.run(scratch, firstSum, secondSum, part * PART, Math.min(n, (part + 1) * PART));
                System.arraycopy(firstSum, 0, firsts, part * d, d);
                System.arraycopy(secondSum, 0, seconds, part * d, d);
            }
        });
        putSum(firsts, count, d, first);
        if (second != null) {
            putSum(seconds, count, d, second);
        }
    }

    /** A gain or bias in the calling thread's scratch memory, for all workers to read. */
    private static float[] shared(INDArray vector, int slot) {
        int n = (int) vector.length();
        float[] a = ThreadScratch.local().array(ThreadScratch.SHARED + slot, n);
        FloatMemory.of(vector).get(0, a, n);
        return a;
    }

    private void putSum(float[] parts, int count, int d, INDArray sum) {
        ThreadScratch scratch = ThreadScratch.local();
        float[] total = scratch.zeroed(0, d);
        float[] part = scratch.array(1, d);
        for (int i = 0; i < count; i++) {
            System.arraycopy(parts, i * d, part, 0, d);
            math.add(part, total, d);
        }
        FloatMemory.of(sum).put(0, total, d);
    }
}
