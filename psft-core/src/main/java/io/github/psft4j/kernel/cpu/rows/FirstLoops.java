package io.github.psft4j.kernel.cpu.rows;

import io.github.psft4j.kernel.cpu.rows.VectorOperand.Part;
import jdk.incubator.vector.FloatVector;

/**
 * Loops without vectors for the first work of a process, with the bits of the vector loops.
 *
 * <p>Until C2 has compiled a loop, each of its vectors is an object and the loop runs a hundred times slower. A short
 * generation ends before that. These loops do the arithmetic of every lane in the same order, so a result does not
 * depend on where they end and the vectors begin. That is after so much work, whatever time it took.
 */
final class FirstLoops {

    /** Some 0.05 s of the first compiler's code, in {@link #take units}. */
    static final long ALL = 1 << 25;

    /** Units of an exponential. */
    static final int EXP = 8;

    /** Units of a product's multiplication and addition. */
    static final int PRODUCT = 2;

    private static final float FLUSHED = VectorExp.FLUSHED.lane(0);
    private static final int L = FloatVector.SPECIES_PREFERRED.length();

    /** Units that are left. Threads may lose each other's subtractions, which shifts the end and changes no bit. */
    private static long left = ALL;

    private FirstLoops() {}

    /**
     * Whether work is still done here, and if so, takes it off what is left.
     *
     * @param work in units of an addition in a loop over arrays
     */
    static boolean take(long work) {
        if (left <= 0) {
            return false;
        }
        left -= work;
        return true;
    }

    /** For tests: the work that is left from now on. */
    static void leave(long work) {
        left = work;
    }

    /** Last start of a vector in n elements, or -1 if the loop behind the vectors is to do them all. */
    static int last(int n) {
        return take(n) ? -1 : n - L;
    }

    /** {@link VectorRows#dot}. */
    static float dot(float[] a, float[] b, int n) {
        float[] lanes = new float[L];
        int pairs = n - n % (2 * L); // elements of two vectors at a time
        int whole = n - n % L;
        for (int lane = 0; lane < L; lane++) {
            float s0 = 0;
            float s1 = 0;
            int i = lane;
            for (; i < pairs; i += 2 * L) {
                s0 = Math.fma(a[i], b[i], s0);
                s1 = Math.fma(a[i + L], b[i + L], s1);
            }
            if (i < whole) {
                s0 = Math.fma(a[i], b[i], s0);
            }
            lanes[lane] = s0 + s1;
        }
        float sum = VectorSums.of(lanes);
        for (int i = whole; i < n; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** {@link VectorActivations}: {@code value = x / (1 + exp(minusK x))}. */
    static void sigmoid(float[] x, float minusK, float[] value, int n) {
        for (int i = 0; i < n; i++) {
            float minus = x[i] * minusK;
            minus = minus > RowMath.EXP_LIMIT ? RowMath.EXP_LIMIT : minus; // NaN stays
            value[i] = x[i] * (1 / (expOrTiny(minus) + 1));
        }
    }

    /** {@link VectorExp#expOrTiny}. */
    private static float expOrTiny(float x) {
        return VectorExp.exp(x < -RowMath.EXP_LIMIT ? -RowMath.EXP_LIMIT : x);
    }

    /** {@link VectorCachedHeads#loopMaxima}. */
    static void headMaxima(float[] scores, int step, int heads, int n, float[] max) {
        for (int g = 0; g < heads; g++) {
            int m = ordered(max[g]);
            for (int i = g * step; i < g * step + n; i++) {
                m = Math.max(m, ordered(scores[i]));
            }
            max[g] = Float.intBitsToFloat(m ^ m >> 31 >>> 1);
        }
    }

    private static int ordered(float x) {
        int bits = Float.floatToRawIntBits(x);
        return bits ^ bits >> 31 >>> 1;
    }

    /** {@link VectorCachedHeads#loopExponentials}, of n scores only. */
    static void headExponentials(float[] scores, int step, int heads, int n, float[] max) {
        for (int g = 0; g < heads; g++) {
            float m = max[g];
            for (int i = g * step; i < g * step + n; i++) {
                scores[i] = expOrTiny(scores[i] - m);
            }
        }
    }

    /** The whole vectors of {@link VectorSoftmax#expSums}: their two sums. */
    static float[] expSums(float[] z, int end, float max) {
        float[] sums = new float[L];
        float[] weighted = new float[L];
        for (int lane = 0; lane < L; lane++) {
            float s = 0;
            float w = 0;
            for (int i = lane; i < end; i += L) {
                float d = z[i] - max;
                d = d < FLUSHED ? FLUSHED : d;
                float e = VectorExp.exp(d);
                z[i] = e;
                s += e;
                w = Math.fma(e, d, w);
            }
            sums[lane] = s;
            weighted[lane] = w;
        }
        return new float[] {VectorSums.of(sums), VectorSums.of(weighted)};
    }

    /** {@link VectorCalls#products}. */
    static void products(
            VectorOperand operand, int rows, int count, int leftAt, int rightAt, int n, int startAt, int outAt) {
        int vectors = operand.out().second() == 0 ? 1 : 2;
        for (int p = 0; p < count; p++) {
            for (int h = 0; h < rows; h++) {
                int a = leftAt + p * operand.left().next() + h * operand.left().step();
                int b = rightAt + p * operand.right().next();
                int s = startAt
                        + p * operand.start().next()
                        + h * operand.start().step();
                int c = outAt + p * operand.out().next() + h * operand.out().step();
                for (int v = 0; v < vectors; v++) {
                    row(operand, a, b, n, s, c);
                    b += operand.right().second();
                    s += operand.start().second();
                    c += operand.out().second();
                }
            }
        }
    }

    /** One row times one vector of columns. */
    private static void row(VectorOperand operand, int leftAt, int rightAt, int n, int startAt, int outAt) {
        float[] left = operand.left().array();
        Part right = operand.right();
        for (int lane = 0; lane < L; lane++) {
            float sum = operand.start().array()[startAt + lane];
            int j = rightAt + lane;
            for (int i = 0; i < n; i++) {
                sum = Math.fma(right.array()[j], left[leftAt + i], sum);
                j += right.step();
            }
            operand.out().array()[outAt + lane] = sum;
        }
    }
}
