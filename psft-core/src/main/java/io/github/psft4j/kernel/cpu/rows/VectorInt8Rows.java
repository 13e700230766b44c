package io.github.psft4j.kernel.cpu.rows;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Int8Rows} by the Vector module: a vector of bytes becomes one of floats in the registers, and the weight is
 * read from memory as bytes.
 */
final class VectorInt8Rows implements Int8Rows {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();

    /** As many bytes as there are floats in a vector; null where there is no such vector. */
    private static final VectorSpecies<Byte> B =
            L < 8 ? null : VectorSpecies.of(byte.class, VectorShape.forBitSize(8 * L));

    private final Int8Rows plain = new PlainInt8Rows();

    @Override
    public void dots(byte[] weights, int at, float[] x, int n, float[] out) {
        if (B == null) {
            plain.dots(weights, at, x, n, out);
            return;
        }
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int end = S.loopBound(n);
        for (int i = 0; i < end; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, i);
            s0 = floats(weights, at + i).fma(v, s0);
            s1 = floats(weights, at + n + i).fma(v, s1);
            s2 = floats(weights, at + 2 * n + i).fma(v, s2);
            s3 = floats(weights, at + 3 * n + i).fma(v, s3);
        }
        out[0] = s0.reduceLanes(VectorOperators.ADD);
        out[1] = s1.reduceLanes(VectorOperators.ADD);
        out[2] = s2.reduceLanes(VectorOperators.ADD);
        out[3] = s3.reduceLanes(VectorOperators.ADD);
        for (int i = end; i < n; i++) {
            for (int r = 0; r < ROWS; r++) {
                out[r] += weights[at + r * n + i] * x[i];
            }
        }
    }

    private static FloatVector floats(byte[] weights, int at) {
        return (FloatVector) ByteVector.fromArray(B, weights, at).convertShape(VectorOperators.B2F, S, 0);
    }

    @Override
    public void widen(byte[] weights, int at, float scale, float[] out, int n) {
        int end = B == null ? 0 : S.loopBound(n);
        for (int i = 0; i < end; i += L) {
            floats(weights, at + i).mul(scale).intoArray(out, i);
        }
        for (int i = end; i < n; i++) {
            out[i] = scale * weights[at + i];
        }
    }
}
