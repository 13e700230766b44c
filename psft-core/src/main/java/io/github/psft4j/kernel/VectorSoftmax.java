package io.github.psft4j.kernel;

import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.LT;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Softmax loops of {@link VectorRows}. The last vector of a row is filled up with exponents of exactly 0. */
final class VectorSoftmax {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();

    private VectorSoftmax() {}

    /** End of the whole vectors in n elements. */
    private static int whole(int n) {
        return n - n % L;
    }

    /** n rounded up to whole vectors, if the array goes so far; the elements behind n are set. Otherwise n rounded down. */
    private static int padded(float[] a, int n, float filling) {
        int end = whole(n + L - 1);
        if (end > a.length) {
            return whole(n);
        }
        Arrays.fill(a, n, end, filling);
        return end;
    }

    private static FloatVector load(float[] a, int i) {
        return FloatVector.fromArray(S, a, i);
    }

    /** {@link RowMath#expSums}. */
    static void expSums(float[] z, int n, float max, double[] sums) {
        int end = padded(z, n, Float.NEGATIVE_INFINITY);
        FloatVector sum = FloatVector.zero(S);
        FloatVector weighted = sum;
        int i = 0;
        for (; i < end; i += L) {
            FloatVector d = load(z, i).sub(max);
            VectorMask<Float> tiny = d.compare(LT, VectorExp.LOWEST);
            d = d.blend(VectorExp.LOWEST, tiny);
            FloatVector e = VectorExp.exp(d).blend(VectorExp.ZERO, tiny);
            e.intoArray(z, i);
            sum = sum.add(e);
            weighted = e.fma(d, weighted);
        }
        float s = sum.reduceLanes(ADD);
        float w = weighted.reduceLanes(ADD);
        for (; i < n; i++) {
            float d = Math.max(z[i] - max, -RowMath.EXP_LIMIT);
            z[i] = (float) Math.exp(d);
            s += z[i];
            w += z[i] * d;
        }
        sums[0] += s;
        sums[1] += w;
    }

    /** {@code z = exp(z - max)}; returns the sum. */
    static float softmax(float[] z, int n, float max) {
        int end = padded(z, n, Float.NEGATIVE_INFINITY);
        FloatVector sums = FloatVector.zero(S);
        int i = 0;
        for (; i < end; i += L) {
            FloatVector e = VectorExp.expOrZero(load(z, i).sub(max));
            e.intoArray(z, i);
            sums = sums.add(e);
        }
        float sum = sums.reduceLanes(ADD);
        for (; i < n; i++) {
            z[i] = (float) Math.exp(Math.max(z[i] - max, -RowMath.EXP_LIMIT));
            sum += z[i];
        }
        return sum;
    }

    /** {@link RowMath#softmaxGrad}. */
    static void softmaxGrad(float[] z, float[] dp, int n, float logSumExp, float scale) {
        int end = Math.min(padded(z, n, Float.NEGATIVE_INFINITY), padded(dp, n, 0f));
        FloatVector sums = FloatVector.zero(S);
        FloatVector dots = sums;
        int i = 0;
        for (; i < end; i += L) {
            FloatVector p = VectorExp.expOrZero(load(z, i).sub(logSumExp));
            p.intoArray(z, i);
            sums = sums.add(p);
            dots = p.fma(load(dp, i), dots);
        }
        float sum = sums.reduceLanes(ADD);
        float dot = dots.reduceLanes(ADD);
        for (; i < n; i++) {
            z[i] = (float) Math.exp(Math.max(z[i] - logSumExp, -RowMath.EXP_LIMIT));
            sum += z[i];
            dot += z[i] * dp[i];
        }
        float delta = dot / sum;
        i = 0;
        for (; i < end; i += L) {
            load(dp, i).sub(delta).mul(load(z, i)).mul(scale).intoArray(dp, i);
        }
        for (; i < n; i++) {
            dp[i] = z[i] * (dp[i] - delta) * scale;
        }
    }
}
