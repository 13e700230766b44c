package io.github.psft4j.kernel.cpu.rows;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Int8Rows} by the Vector module: a vector of bytes becomes one of floats in the registers, and the weight is
 * read from memory as bytes. Vectors shorter than a block take it in parts.
 */
final class VectorInt8Rows implements Int8Rows {

    private static final VectorSpecies<Float> S =
            FloatVector.SPECIES_PREFERRED.length() > LANES ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();

    /** As many bytes as there are floats in a vector; null where there is no such vector. */
    private static final VectorSpecies<Byte> B =
            L < 8 ? null : VectorSpecies.of(byte.class, VectorShape.forBitSize(8 * L));

    private final Int8Rows plain = new PlainInt8Rows();

    private static FloatVector floats(byte[] weights, int at) {
        return (FloatVector) ByteVector.fromArray(B, weights, at).convertShape(VectorOperators.B2F, S, 0);
    }

    private static FloatVector all(float x) {
        return FloatVector.broadcast(S, x);
    }

    @Override
    public void dot(byte[] weights, int at, int second, float[] x, int n, float[] out) {
        if (B == null) {
            plain.dot(weights, at, second, x, n, out);
            return;
        }
        if (2 * L == LANES) {
            bothHalves(weights, at, x, n, out, 0);
            bothHalves(weights, second, x, n, out, LANES);
            return;
        }
        for (int h = 0; h < LANES; h += L) {
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = s0;
            FloatVector t0 = s0;
            FloatVector t1 = s0;
            int p = at + h;
            int q = second + h;
            int i = 0;
            for (; i < n - 1; i += 2) {
                FloatVector even = all(x[i]);
                FloatVector odd = all(x[i + 1]);
                s0 = floats(weights, p).fma(even, s0);
                s1 = floats(weights, p + LANES).fma(odd, s1);
                t0 = floats(weights, q).fma(even, t0);
                t1 = floats(weights, q + LANES).fma(odd, t1);
                p += 2 * LANES;
                q += 2 * LANES;
            }
            if (i < n) {
                s0 = floats(weights, p).fma(all(x[i]), s0);
                t0 = floats(weights, q).fma(all(x[i]), t0);
            }
            s0.add(s1).intoArray(out, h);
            t0.add(t1).intoArray(out, LANES + h);
        }
    }

    /** One block by vectors of half of it, which is read once: the same sums as of one half after the other. */
    private static void bothHalves(byte[] weights, int at, float[] x, int n, float[] out, int to) {
        FloatVector even0 = FloatVector.zero(S);
        FloatVector even1 = even0;
        FloatVector odd0 = even0;
        FloatVector odd1 = even0;
        int p = at;
        int i = 0;
        for (; i < n - 1; i += 2) {
            FloatVector even = all(x[i]);
            FloatVector odd = all(x[i + 1]);
            even0 = floats(weights, p).fma(even, even0);
            even1 = floats(weights, p + L).fma(even, even1);
            odd0 = floats(weights, p + LANES).fma(odd, odd0);
            odd1 = floats(weights, p + LANES + L).fma(odd, odd1);
            p += 2 * LANES;
        }
        if (i < n) {
            even0 = floats(weights, p).fma(all(x[i]), even0);
            even1 = floats(weights, p + L).fma(all(x[i]), even1);
        }
        even0.add(odd0).intoArray(out, to);
        even1.add(odd1).intoArray(out, to + L);
    }

    @Override
    public void dots(byte[] weights, int at, float[] x, int xAt, int n, float[] out) {
        if (B == null) {
            plain.dots(weights, at, x, xAt, n, out);
            return;
        }
        for (int h = 0; h < LANES; h += L) {
            FloatVector a0 = FloatVector.zero(S);
            FloatVector a1 = a0;
            FloatVector b0 = a0;
            FloatVector b1 = a0;
            FloatVector c0 = a0;
            FloatVector c1 = a0;
            FloatVector d0 = a0;
            FloatVector d1 = a0;
            int p = at + h;
            int i = xAt;
            for (; i < xAt + n - 1; i += 2) {
                FloatVector even = floats(weights, p);
                FloatVector odd = floats(weights, p + LANES);
                a0 = even.fma(all(x[i]), a0);
                a1 = odd.fma(all(x[i + 1]), a1);
                b0 = even.fma(all(x[i + n]), b0);
                b1 = odd.fma(all(x[i + n + 1]), b1);
                c0 = even.fma(all(x[i + 2 * n]), c0);
                c1 = odd.fma(all(x[i + 2 * n + 1]), c1);
                d0 = even.fma(all(x[i + 3 * n]), d0);
                d1 = odd.fma(all(x[i + 3 * n + 1]), d1);
                p += 2 * LANES;
            }
            if (i < xAt + n) {
                FloatVector last = floats(weights, p);
                a0 = last.fma(all(x[i]), a0);
                b0 = last.fma(all(x[i + n]), b0);
                c0 = last.fma(all(x[i + 2 * n]), c0);
                d0 = last.fma(all(x[i + 3 * n]), d0);
            }
            a0.add(a1).intoArray(out, h);
            b0.add(b1).intoArray(out, LANES + h);
            c0.add(c1).intoArray(out, 2 * LANES + h);
            d0.add(d1).intoArray(out, 3 * LANES + h);
        }
    }

    @Override
    public void widen(byte[] weights, int at, float[] scales, int scaleAt, float[] out, int outAt, int stride, int n) {
        if (B == null) {
            plain.widen(weights, at, scales, scaleAt, out, outAt, stride, n);
            return;
        }
        for (int h = 0; h < LANES; h += L) {
            FloatVector scale = FloatVector.fromArray(S, scales, scaleAt + h);
            for (int i = 0; i < n; i++) {
                floats(weights, at + i * LANES + h).mul(scale).intoArray(out, outAt + i * stride + h);
            }
        }
    }
}
