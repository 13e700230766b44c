package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.DenseStatistics;
import io.github.psft4j.kernel.RowGradient;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The part of {@link CpuSoftmax} for objectives with a dense term. Logits stay as they are until the gradient replaces
 * them, and exponentials are computed twice: a second pass over them costs less than a second array.
 */
record CpuDenseSoftmax(WorkerPool pool, RowMath math) {

    private static final int BLOCK = 1024;

    /** Scratch arrays of the gradient, {@code [BLOCK]}. */
    private static final int DIFFERENCE = 0;

    private static final int PROBABILITY = 1;
    private static final int SUM = 2;

    void forward(INDArray logits, INDArray reference, int[] targets, int firstRow, TokenStatistics out) {
        FloatMemory z = FloatMemory.of(logits);
        FloatMemory q = reference == null ? null : FloatMemory.of(reference);
        int v = (int) logits.size(1);
        pool.share((int) logits.size(0), (from, to, id) -> {
            DenseStatistics.RefSums ref = q == null ? null : new DenseStatistics.RefSums();
            for (int i = from; i < to; i++) {
                row(z, q, (long) i * v, v, targets[firstRow + i], firstRow + i, ref, out);
            }
        });
    }

    /** The sums of the policy are those of {@link CpuSoftmax} in the same order, so that log-probs agree to the bit. */
    private void row(
            FloatMemory z,
            FloatMemory q,
            long at,
            int v,
            int target,
            int t,
            DenseStatistics.RefSums ref,
            TokenStatistics out) {
        ThreadScratch scratch = ThreadScratch.local();
        float[] a = scratch.array(0, BLOCK);
        float[] ea = scratch.array(1, BLOCK);
        float[] b = scratch.array(2, BLOCK);
        float[] eb = scratch.array(3, BLOCK);
        float[] fold = scratch.array(4, BLOCK);
        float max = max(math, z, at, v, a);
        double targetLogit = one(z, at + target, a);
        float refMax = q == null ? 0 : max(math, q, at, v, b);
        if (ref != null) {
            ref.max = refMax;
            ref.target = one(q, at + target, b) - refMax;
            ref.forward = 0;
            ref.reverse = 0;
        }
        double[] sums = new double[2]; // of e and of e (z - max)
        double[] refSums = new double[2];
        double sumA = 0;
        for (int c = 0; c < v; c += BLOCK) {
            int m = Math.min(BLOCK, v - c);
            z.get(at + c, ea, m);
            math.expSums(ea, m, max, sums);
            shifted(z, at + c, a, m, max);
            sumA += math.sum(a, m);
            if (q != null) {
                shifted(q, at + c, b, m, refMax);
                q.get(at + c, eb, m);
                math.expSums(eb, m, refMax, refSums);
                minus(b, a, fold, m);
                ref.forward += math.dot(fold, eb, m);
                ref.reverse -= math.dot(fold, ea, m);
            }
        }
        double sum = sums[0];
        if (ref != null) {
            ref.expSum = refSums[0];
            ref.weighted = refSums[1];
            ref.reverse /= sum;
        }
        out.set(t, true, max, targetLogit - max, sum, sums[1]);
        out.dense().set(t, v, Math.log(sum), sumA, ref);
    }

    /** Largest of v floats, read a block at a time. */
    static float max(RowMath math, FloatMemory z, long at, int v, float[] block) {
        float max = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < v; c += BLOCK) {
            int m = Math.min(BLOCK, v - c);
            z.get(at + c, block, m);
            max = Math.max(max, math.max(block, m));
        }
        return max;
    }

    private static double one(FloatMemory z, long at, float[] block) {
        z.get(at, block, 1);
        return block[0];
    }

    private static void shifted(FloatMemory z, long at, float[] out, int m, float max) {
        z.get(at, out, m);
        shift(out, m, max, (float) DenseStatistics.FLOOR);
    }

    void gradient(
            INDArray logits,
            INDArray reference,
            int[] targets,
            int firstRow,
            TokenStatistics statistics,
            RowGradient g) {
        FloatMemory z = FloatMemory.of(logits);
        FloatMemory q = reference == null ? null : FloatMemory.of(reference);
        int v = (int) logits.size(1);
        pool.share((int) logits.size(0), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] sum = scratch.array(SUM, BLOCK);
            for (int i = from; i < to; i++) {
                int t = firstRow + i;
                long at = (long) i * v;
                boolean zero = g.isZero(t);
                for (int c = 0; c < v; c += BLOCK) {
                    int m = Math.min(BLOCK, v - c);
                    if (zero) {
                        Arrays.fill(sum, 0, m, 0f);
                    } else {
                        policyPart(z, at + c, m, t, statistics, g, scratch);
                        if (q != null) {
                            referencePart(q, at + c, m, t, statistics, g, scratch);
                        }
                    }
                    if (targets[t] >= c && targets[t] < c + m) {
                        sum[targets[t] - c] -= (float) g.target()[t];
                    }
                    z.put(at + c, sum, m);
                }
            }
        });
    }

    /** {@code sum = p (target + softmax + softmaxLog log p) + uniform}, and p in e. */
    private void policyPart(
            FloatMemory z, long at, int m, int t, TokenStatistics statistics, RowGradient g, ThreadScratch scratch) {
        float[] a = scratch.array(DIFFERENCE, BLOCK);
        float[] e = scratch.array(PROBABILITY, BLOCK);
        float[] sum = scratch.array(SUM, BLOCK);
        float max = (float) statistics.max()[t];
        float logSum = (float) Math.log(statistics.expSum()[t]);
        float inverse = (float) (1 / statistics.expSum()[t]);
        float p = (float) (g.target()[t] + g.softmax()[t]);
        float pl = (float) g.softmaxLog()[t];
        float u = (float) g.uniform()[t];
        z.get(at, a, m);
        shift(a, m, max, -RowMath.EXP_LIMIT);
        math.exp(a, e, m);
        shifted(z, at, a, m, max);
        for (int j = 0; j < m; j++) {
            e[j] *= inverse;
            sum[j] = e[j] * (p + pl * (a[j] - logSum)) + u;
        }
    }

    /** {@code sum += softmaxLogReference p log q + reference q}. */
    private void referencePart(
            FloatMemory q, long at, int m, int t, TokenStatistics statistics, RowGradient g, ThreadScratch scratch) {
        float[] b = scratch.array(DIFFERENCE, BLOCK);
        float[] p = scratch.array(PROBABILITY, BLOCK);
        float[] sum = scratch.array(SUM, BLOCK);
        DenseStatistics d = statistics.dense();
        float max = (float) d.refMax()[t];
        float logSum = (float) Math.log(d.refExpSum()[t]);
        float inverse = (float) (1 / d.refExpSum()[t]);
        float plq = (float) g.softmaxLogReference()[t];
        float factor = (float) g.reference()[t];
        shifted(q, at, b, m, max);
        for (int j = 0; j < m; j++) {
            sum[j] += p[j] * (plq * (b[j] - logSum));
        }
        q.get(at, b, m);
        shift(b, m, max, -RowMath.EXP_LIMIT);
        math.exp(b, p, m);
        for (int j = 0; j < m; j++) {
            sum[j] += factor * (p[j] * inverse);
        }
    }

    /** {@code a[i] = max(a[i] - s, floor)}. */
    private static void shift(float[] a, int n, float s, float floor) {
        for (int i = 0; i < n; i++) {
            a[i] = Math.max(a[i] - s, floor);
        }
    }

    /** {@code out[i] = a[i] - b[i]}. */
    private static void minus(float[] a, float[] b, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = a[i] - b[i];
        }
    }
}
