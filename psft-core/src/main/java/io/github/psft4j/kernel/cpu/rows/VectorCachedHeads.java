package io.github.psft4j.kernel.cpu.rows;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.XOR;

import io.github.psft4j.kernel.cpu.rows.VectorOperand.Part;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link CachedHeads} by the JDK's Vector module, a page of as many key/value heads at a time as fit in the first
 * cache. All query heads of a key/value head share the page that is loaded. Vectors run past the last entry and the
 * last channel; what they find there is left out.
 */
record VectorCachedHeads(RowMath math) implements CachedHeads, HeadGroup.Loops {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    private static final int[] SEEN = seen();
    private static final int PAGE = CachedPages.ENTRIES;
    private static final int COLUMNS = 2 * L; // that a product takes at a time; a page is a multiple of it
    private static final int MOST = 1 << 12; // floats that are read at a time

    /** A vector of the largest integers, and one of the least behind it. */
    private static int[] seen() {
        int[] seen = new int[2 * L];
        Arrays.fill(seen, 0, L, Integer.MAX_VALUE);
        Arrays.fill(seen, L, 2 * L, Integer.MIN_VALUE);
        return seen;
    }

    private static int up(int n, int unit) {
        return (n + unit - 1) / unit * unit;
    }

    @Override
    public void attend(float[] queries, int heads, int group, int d, CachedPages pages, int first, int n) {
        int kv = heads / group;
        int most = Math.max(1, MOST / (PAGE * d));
        for (int h = 0; h < kv; h += most) {
            int together = Math.min(most, kv - h);
            float[] tile = ThreadScratch.local().array(1, together * PAGE * d + COLUMNS);
            attend(queries, h * group * d, group, d, new Read(pages, first + h, together, tile), n);
        }
    }

    /** Keys or values of a page, {@code [heads][PAGE d]}. */
    private record Read(CachedPages pages, int first, int heads, float[] tile) {

        void keys(int entry) {
            pages.keys(entry / PAGE, first, heads, tile, 0);
        }

        void values(int entry) {
            pages.values(entry / PAGE, first, heads, tile, 0);
        }
    }

    /** The query heads queries[at ..] of the key/value heads that are read together. */
    private void attend(float[] queries, int at, int group, int d, Read read, int n) {
        int kv = read.heads;
        int columns = d > L ? COLUMNS : L; // of the values at a time
        HeadGroup all = new HeadGroup(kv * group, Math.min(ScoreTile.KEYS, up(n, PAGE)), up(d, columns), this);
        int step = all.scoreStep;
        Part scores = new Part(all.scores, step, L, group * step);
        VectorOperand keys = new VectorOperand(
                new Part(queries, d, 0, group * d), new Part(read.tile, PAGE, L, PAGE * d), VectorOperand.ZERO, scores);
        Part out = new Part(all.out, all.outStep, columns - L, group * all.outStep);
        VectorOperand values = new VectorOperand(scores, new Part(read.tile, d, L, PAGE * d), out, out);
        for (int from = 0; from < n; from += ScoreTile.KEYS) {
            int seen = Math.min(ScoreTile.KEYS, n - from);
            for (int entry = 0; entry < seen; entry += PAGE) {
                read.keys(from + entry);
                for (int i = 0; i < PAGE; i += COLUMNS) {
                    keys.run(kv, group, at, i, d, entry + i);
                }
            }
            all.softmax(seen);
            for (int entry = 0; entry < seen; entry += PAGE) {
                read.values(from + entry);
                for (int c = 0; c < d; c += columns) {
                    values.run(kv, group, entry, c, Math.min(PAGE, seen - entry), c);
                }
            }
            all.endTile(math);
        }
        all.finish(queries, at, d);
    }

    @Override
    public void maxima(float[] scores, int step, int heads, int n, float[] max) {
        if (FirstLoops.take((long) heads * n)) {
            FirstLoops.headMaxima(scores, step, heads, n, max);
        } else {
            VectorCalls.headMaxima(scores, step, heads, n, max);
        }
    }

    @Override
    public void exponentials(float[] scores, int step, int heads, int n, float[] max) {
        if (FirstLoops.take((long) FirstLoops.EXP * heads * n)) {
            FirstLoops.headExponentials(scores, step, heads, n, max);
        } else {
            VectorCalls.headExponentials(scores, step, heads, n, max);
        }
    }

    private static FloatVector load(float[] a, int i) {
        return FloatVector.fromArray(S, a, i);
    }

    /**
     * By integers in the order of the floats: the comparison of floats costs several instructions for NaN. Called
     * through {@link VectorCalls}, as the next.
     */
    static void loopMaxima(float[] scores, int step, int heads, int n, float[] max) {
        int whole = (n - 1) / L * L;
        IntVector seen = IntVector.fromArray(I, SEEN, whole + L - n);
        for (int g = 0; g < heads; g++) {
            int at = g * step;
            IntVector m = ordered(load(scores, at + whole)).min(seen);
            for (int i = at; i < at + whole; i += L) {
                m = m.max(ordered(load(scores, i)));
            }
            int before = Float.floatToRawIntBits(max[g]);
            int bits = Math.max(m.reduceLanes(MAX), before ^ before >> 31 >>> 1);
            max[g] = Float.intBitsToFloat(bits ^ bits >> 31 >>> 1);
        }
    }

    /** Bits whose order as integers is that of the floats. */
    private static IntVector ordered(FloatVector x) {
        IntVector bits = x.reinterpretAsInts();
        return bits.lanewise(XOR, bits.lanewise(ASHR, 31).lanewise(LSHR, 1));
    }

    static void loopExponentials(float[] scores, int step, int heads, int n, float[] max) {
        for (int g = 0; g < heads; g++) {
            float m = max[g];
            for (int i = g * step; i < g * step + n; i += L) {
                VectorExp.expOrTiny(load(scores, i).sub(m)).intoArray(scores, i);
            }
        }
    }
}
