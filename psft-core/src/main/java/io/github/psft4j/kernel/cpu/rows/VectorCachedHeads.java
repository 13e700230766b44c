package io.github.psft4j.kernel.cpu.rows;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link CachedHeads} by the JDK's Vector module, eight channels at a time. Vectors run past the last entry: what they
 * find there gets the weight 0.
 */
record VectorCachedHeads(RowMath math) implements CachedHeads {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();
    private static final int BLOCK = 8;

    @Override
    public void attend(
            float[] queries, int heads, int group, int d, float[][] keys, float[][] values, int first, int n) {
        ThreadScratch scratch = ThreadScratch.local();
        int end = (n + L - 1) / L * L;
        float[] row = scratch.array(2, end);
        float[] lanes = scratch.array(3, BLOCK * L);
        double[] sums = new double[2];
        for (int h = 0; h < heads; h++) {
            int channel = first + h / group * d;
            int at = h * d;
            Arrays.fill(row, 0, end, 0f);
            int c = 0;
            for (; c + BLOCK <= d; c += BLOCK) {
                addScores8(queries, at + c, keys, channel + c, row, end);
            }
            for (; c < d; c++) {
                addScores(queries[at + c], keys[channel + c], row, end);
            }
            sums[0] = 0;
            math.expSums(row, n, math.max(row, n), sums);
            math.scale(row, n, (float) (1 / sums[0]));
            Arrays.fill(row, n, end, 0f);
            for (c = 0; c + BLOCK <= d; c += BLOCK) {
                weightedSums8(row, end, values, channel + c, lanes);
                addLanes8(lanes, queries, at + c);
            }
            for (; c < d; c++) {
                queries[at + c] = math.dot(row, values[channel + c], end);
            }
        }
    }

    private static FloatVector load(float[] a, int i) {
        return FloatVector.fromArray(S, a, i);
    }

    private static void addScores8(float[] query, int at, float[][] keys, int first, float[] scores, int end) {
        float[] k0 = keys[first];
        float[] k1 = keys[first + 1];
        float[] k2 = keys[first + 2];
        float[] k3 = keys[first + 3];
        float[] k4 = keys[first + 4];
        float[] k5 = keys[first + 5];
        float[] k6 = keys[first + 6];
        float[] k7 = keys[first + 7];
        FloatVector q0 = FloatVector.broadcast(S, query[at]);
        FloatVector q1 = FloatVector.broadcast(S, query[at + 1]);
        FloatVector q2 = FloatVector.broadcast(S, query[at + 2]);
        FloatVector q3 = FloatVector.broadcast(S, query[at + 3]);
        FloatVector q4 = FloatVector.broadcast(S, query[at + 4]);
        FloatVector q5 = FloatVector.broadcast(S, query[at + 5]);
        FloatVector q6 = FloatVector.broadcast(S, query[at + 6]);
        FloatVector q7 = FloatVector.broadcast(S, query[at + 7]);
        for (int i = 0; i < end; i += L) {
            FloatVector a = load(k0, i).fma(q0, load(scores, i));
            FloatVector b = load(k1, i).mul(q1);
            a = load(k2, i).fma(q2, a);
            b = load(k3, i).fma(q3, b);
            a = load(k4, i).fma(q4, a);
            b = load(k5, i).fma(q5, b);
            a = load(k6, i).fma(q6, a);
            b = load(k7, i).fma(q7, b);
            a.add(b).intoArray(scores, i);
        }
    }

    private static void addScores(float q, float[] k, float[] scores, int end) {
        FloatVector factor = FloatVector.broadcast(S, q);
        for (int i = 0; i < end; i += L) {
            load(k, i).fma(factor, load(scores, i)).intoArray(scores, i);
        }
    }

    /** Sums of eight channels, lane by lane: {@code lanes[8][L]}. */
    private static void weightedSums8(float[] weights, int end, float[][] values, int first, float[] lanes) {
        float[] v0 = values[first];
        float[] v1 = values[first + 1];
        float[] v2 = values[first + 2];
        float[] v3 = values[first + 3];
        float[] v4 = values[first + 4];
        float[] v5 = values[first + 5];
        float[] v6 = values[first + 6];
        float[] v7 = values[first + 7];
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        for (int i = 0; i < end; i += L) {
            FloatVector w = load(weights, i);
            s0 = load(v0, i).fma(w, s0);
            s1 = load(v1, i).fma(w, s1);
            s2 = load(v2, i).fma(w, s2);
            s3 = load(v3, i).fma(w, s3);
            s4 = load(v4, i).fma(w, s4);
            s5 = load(v5, i).fma(w, s5);
            s6 = load(v6, i).fma(w, s6);
            s7 = load(v7, i).fma(w, s7);
        }
        s0.intoArray(lanes, 0);
        s1.intoArray(lanes, L);
        s2.intoArray(lanes, 2 * L);
        s3.intoArray(lanes, 3 * L);
        s4.intoArray(lanes, 4 * L);
        s5.intoArray(lanes, 5 * L);
        s6.intoArray(lanes, 6 * L);
        s7.intoArray(lanes, 7 * L);
    }

    /** Like {@link VectorSums} in an order of its own; eight of those in one loop leave vectors behind as objects. */
    private static void addLanes8(float[] lanes, float[] sums, int at) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        for (int i = 0; i < L; i++) {
            s0 += lanes[i];
            s1 += lanes[L + i];
            s2 += lanes[2 * L + i];
            s3 += lanes[3 * L + i];
            s4 += lanes[4 * L + i];
            s5 += lanes[5 * L + i];
            s6 += lanes[6 * L + i];
            s7 += lanes[7 * L + i];
        }
        sums[at] = s0;
        sums[at + 1] = s1;
        sums[at + 2] = s2;
        sums[at + 3] = s3;
        sums[at + 4] = s4;
        sums[at + 5] = s5;
        sums[at + 6] = s6;
        sums[at + 7] = s7;
    }
}
