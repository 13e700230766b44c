package io.github.psft4j.hf.safetensors;

import java.nio.ByteBuffer;

/**
 * Bytes of the four floating-point {@link DType}s to {@code double} and back.
 *
 * <p>Reading is exact. Writing rounds once, to nearest, ties to even, whatever the source. A {@code double} on its way
 * to 16 bits passes through a {@code float} that is rounded <em>to odd</em>. That keeps the information that the second
 * rounding needs (Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums", 2008).
 */
final class FloatCodec {
    private FloatCodec() {}

    /**
     * Decodes the first {@code n} elements of a little-endian buffer.
     *
     * @param in buffer, read from its index 0 by absolute access
     * @param type floating type of the elements
     * @param out destination, filled from 0
     * @param n number of elements
     */
    static void decode(ByteBuffer in, DType type, double[] out, int n) {
        switch (type) { // one method per loop: in a common one the JIT compiles the second type 2-3 times slower
            case F64 -> decodeF64(in, out, n);
            case F32 -> decodeF32(in, out, n);
            case F16 -> decodeF16(in, out, n);
            case BF16 -> decodeBf16(in, out, n);
            default -> throw new IllegalArgumentException(type + " is not a floating-point type");
        }
    }

    private static void decodeF64(ByteBuffer in, double[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = in.getDouble(8 * i);
        }
    }

    private static void decodeF32(ByteBuffer in, double[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = in.getFloat(4 * i);
        }
    }

    private static void decodeF16(ByteBuffer in, double[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = halfToFloat(in.getShort(2 * i));
        }
    }

    private static void decodeBf16(ByteBuffer in, double[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = bfloat16ToFloat(in.getShort(2 * i));
        }
    }

    /**
     * Encodes {@code n} elements into a little-endian buffer.
     *
     * @param in source, from 0
     * @param n number of elements
     * @param type floating type to write
     * @param out buffer, written from its index 0 by absolute access
     * @return index of the first finite value that {@code type} cannot hold (it would become infinite), or -1
     */
    static int encode(double[] in, int n, DType type, ByteBuffer out) {
        int overflow = -1;
        for (int i = n - 1; i >= 0; i--) {
            boolean infinite;
            switch (type) {
                case F64 -> {
                    out.putDouble(8 * i, in[i]);
                    infinite = false;
                }
                case F32 -> {
                    float value = (float) in[i];
                    out.putFloat(4 * i, value);
                    infinite = Float.isInfinite(value);
                }
                case F16 -> {
                    short bits = floatToHalf(roundToOdd(in[i]));
                    out.putShort(2 * i, bits);
                    infinite = (bits & 0x7fff) == 0x7c00;
                }
                case BF16 -> {
                    short bits = bfloat16(in[i]);
                    out.putShort(2 * i, bits);
                    infinite = (bits & 0x7fff) == 0x7f80;
                }
                default -> throw new IllegalArgumentException(type + " is not a floating-point type");
            }
            if (infinite && !Double.isInfinite(in[i])) {
                overflow = i;
            }
        }
        return overflow;
    }

    /** @return the exact value of an IEEE 754 binary16 */
    static float halfToFloat(short half) {
        int magnitude = half & 0x7fff;
        float value = magnitude >= 0x7c00
                ? Float.intBitsToFloat(0x7f800000 | (magnitude & 0x3ff) << 13) // infinity, NaN
                : Float.intBitsToFloat(magnitude << 13) * 0x1p112f; // moves the exponent's bias from 15 to 127
        return Float.intBitsToFloat((half & 0x8000) << 16 | Float.floatToRawIntBits(value));
    }

    /** @return the nearest IEEE 754 binary16, ties to even; beyond 65519.99 infinite */
    static short floatToHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            return (short) (sign | 0x7e00 | magnitude >> 13 & 0x1ff); // NaN, made quiet
        }
        if (magnitude >= 0x477ff000) { // 65520, half way between 65504 and the next power of two
            return (short) (sign | 0x7c00);
        }
        if (magnitude < 0x38800000) { // below 2^-14: subnormal, a multiple of 2^-24
            return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24));
        }
        int rebased = magnitude - (112 << 23);
        return (short) (sign | rebased + 0xfff + (rebased >> 13 & 1) >> 13);
    }

    /** @return the exact value of a bfloat16 */
    static float bfloat16ToFloat(short bfloat16) {
        return Float.intBitsToFloat(bfloat16 << 16);
    }

    /** @return the nearest bfloat16, ties to even */
    static short floatToBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & 0x7fffffff) > 0x7f800000) {
            return (short) (bits >>> 16 | 0x40); // NaN, made quiet
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /** @return the nearest bfloat16 of a double, ties to even */
    static short bfloat16(double value) {
        return floatToBfloat16(roundToOdd(value));
    }

    /** Inexact values get an odd last bit, so that rounding the result again to fewer bits is correct. */
    private static float roundToOdd(double value) {
        float nearest = (float) value;
        if (nearest == value || Double.isNaN(value)) {
            return nearest;
        }
        int bits = Float.floatToRawIntBits(nearest);
        if (Math.abs((double) nearest) > Math.abs(value)) {
            bits--; // towards zero; from infinity to the largest finite float
        }
        return Float.intBitsToFloat(bits | 1);
    }
}
