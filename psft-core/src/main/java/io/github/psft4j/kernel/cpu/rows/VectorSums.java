package io.github.psft4j.kernel.cpu.rows;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The sum of a vector's lanes, by halves, in an order that never changes.
 *
 * <p>{@code reduceLanes(ADD)} promises no order. In JDK 25 a compiled loop adds in another order than an interpreted
 * one; the weights after a run would depend on when the loop was compiled.
 */
final class VectorSums {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();

    // lane i becomes lane i + n, around the end
    private static final VectorShuffle<Float> BY_8 = by(8);
    private static final VectorShuffle<Float> BY_4 = by(4);
    private static final VectorShuffle<Float> BY_2 = by(2);
    private static final VectorShuffle<Float> BY_1 = by(1);

    private VectorSums() {}

    private static VectorShuffle<Float> by(int n) {
        return VectorShuffle.iota(S, n % L, 1, true);
    }

    /** Sum of all lanes. */
    static float of(FloatVector v) {
        if (L > 16) {
            return sequential(v.toArray()); // no processor so far
        }
        FloatVector sums = v;
        if (L == 16) {
            sums = sums.add(sums.rearrange(BY_8));
        }
        if (L >= 8) {
            sums = sums.add(sums.rearrange(BY_4));
        }
        if (L >= 4) {
            sums = sums.add(sums.rearrange(BY_2));
        }
        return sums.add(sums.rearrange(BY_1)).lane(0);
    }

    /** The same sum of lanes that lie in an array, which is overwritten. */
    static float of(float[] lanes) {
        if (L > 16) {
            return sequential(lanes);
        }
        for (int half = L / 2; half >= 1; half /= 2) {
            for (int i = 0; i < half; i++) {
                lanes[i] += lanes[i + half];
            }
        }
        return lanes[0];
    }

    private static float sequential(float[] lanes) {
        float sum = 0;
        for (float lane : lanes) {
            sum += lane;
        }
        return sum;
    }
}
