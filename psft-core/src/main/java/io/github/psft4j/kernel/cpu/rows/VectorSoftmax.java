package io.github.psft4j.kernel.cpu.rows;

import static jdk.incubator.vector.VectorOperators.LT;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Softmax loops of {@code VectorRows}. The last vector of a row is filled up with exponents of exactly 0. */
final class VectorSoftmax {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();

    private VectorSoftmax() {}

    /** End of the whole vectors in n elements. */
    private static int whole(int n) {
        return n - n % L;
    }

    /**
     * n rounded up to whole vectors, if the array goes so far; the elements behind n are set. Otherwise n rounded down.
     */
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
        float[] vectors = FirstLoops.take((long) FirstLoops.EXP * n)
                ? FirstLoops.expSums(z, end, max)
                : wholeExpSums(z, end, max);
        float s = vectors[0];
        float w = vectors[1];
        for (int i = end; i < n; i++) {
            float d = Math.max(z[i] - max, -RowMath.EXP_LIMIT);
            z[i] = (float) Math.exp(d);
            s += z[i];
            w += z[i] * d;
        }
        sums[0] += s;
        sums[1] += w;
    }

    /** The sums over whole vectors. */
    private static float[] wholeExpSums(float[] z, int end, float max) {
        FloatVector sum = FloatVector.zero(S);
        FloatVector weighted = sum;
        for (int i = 0; i < end; i += L) {
            FloatVector d = load(z, i).sub(max);
            d = d.blend(VectorExp.FLUSHED, d.compare(LT, VectorExp.FLUSHED));
            FloatVector e = VectorExp.exp(d);
            e.intoArray(z, i);
            sum = sum.add(e);
            weighted = e.fma(d, weighted);
        }
        return new float[] {VectorSums.of(sum), VectorSums.of(weighted)};
    }

    /** {@link RowMath#exp}. */
    static void exp(float[] x, float[] out, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            VectorExp.exp(load(x, i)).intoArray(out, i);
        }
        for (; i < n; i++) {
            out[i] = (float) Math.exp(x[i]);
        }
    }
}
