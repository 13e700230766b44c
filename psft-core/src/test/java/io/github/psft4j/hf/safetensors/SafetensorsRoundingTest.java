package io.github.psft4j.hf.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** 16-bit formats: exact reading, and one rounding to nearest, ties to even, when writing. */
class SafetensorsRoundingTest {
    /** Bits as {@code torch.tensor(value).to(dtype).view(torch.int16)} gives them. */
    @ParameterizedTest
    @CsvSource({
        "F16, 1.0, 0x3c00",
        "F16, -0.0, 0x8000",
        "F16, 0.1, 0x2e66",
        "F16, 65504, 0x7bff",
        "F16, 65519, 0x7bff",
        "F16, 6.103515625e-5, 0x0400", // smallest normal
        "F16, 6.1e-5, 0x03ff", // largest subnormals
        "F16, 5.960464477539063e-8, 0x0001",
        "F16, 2.9802322387695312e-8, 0x0000", // half of the smallest, a tie
        "F16, 1e-20, 0x0000",
        "F16, 1.00048828125, 0x3c00", // tie to even, down
        "F16, 1.00146484375, 0x3c02", // tie to even, up
        "F16, Infinity, 0x7c00",
        "F16, -Infinity, 0xfc00",
        "F16, NaN, 0x7e00",
        "BF16, 1.0, 0x3f80",
        "BF16, -0.0, 0x8000",
        "BF16, 0.1, 0x3dcd",
        "BF16, 3.3895314e38, 0x7f7f",
        "BF16, 1e-45, 0x0000",
        "BF16, 1.00390625, 0x3f80",
        "BF16, 1.01171875, 0x3f82",
        "BF16, Infinity, 0x7f80",
        "BF16, -Infinity, 0xff80",
        "BF16, NaN, 0x7fc0"
    })
    void constantsAreThoseOfTorch(DType type, double value, String bits) {
        assertEquals(Integer.decode(bits), encode(value, type));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16"})
    void everyPatternSurvivesReadingAndWriting(DType type) {
        for (int bits = 0; bits < 1 << 16; bits++) {
            double value = decode(bits, type);
            if (!Double.isNaN(value)) {
                assertEquals(bits, encode(value, type));
            } else {
                assertTrue(Double.isNaN(decode(encode(value, type), type)));
            }
        }
    }

    /**
     * Half way between two neighbours lies a double; so do points one part in 2^52 beside it, which a detour over float
     * would confuse with it.
     */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16"})
    void everyMidpointRoundsToEvenAndItsSurroundingsToTheNearer(DType type) {
        int largest = type == DType.F16 ? 0x7bff : 0x7f7f;
        for (int bits = 0; bits < largest; bits++) {
            double middle = (decode(bits, type) + decode(bits + 1, type)) / 2;
            for (int sign = 0; sign <= 0x8000; sign += 0x8000) {
                double signed = sign == 0 ? middle : -middle;
                assertEquals(sign | bits + (bits & 1), encode(signed, type));
                assertEquals(sign | bits, encode(signed > 0 ? Math.nextDown(signed) : Math.nextUp(signed), type));
                assertEquals(sign | bits + 1, encode(signed > 0 ? Math.nextUp(signed) : Math.nextDown(signed), type));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"F16, 65520, 65519.998", "BF16, 3.3961776e38, 3.3895314e38", "F32, 3.4028236e38, 3.4028235e38"})
    void firstFiniteValueOutOfRangeIsReported(DType type, double beyond, double within) {
        ByteBuffer out = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        double[] values = {within, Double.NEGATIVE_INFINITY, -beyond, beyond};
        assertEquals(2, FloatCodec.encode(values, 4, type, out));
        assertEquals(-1, FloatCodec.encode(values, 2, type, out));
    }

    @Test
    void floatSurvivesF32AndDoubleSurvivesF64() {
        ByteBuffer out = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        double[] back = new double[1];
        for (double value : new double[] {0.1f, -0.0, Float.MIN_VALUE, Float.MAX_VALUE, Double.NaN}) {
            FloatCodec.encode(new double[] {value}, 1, DType.F32, out);
            FloatCodec.decode(out, DType.F32, back, 1);
            assertEquals(value, back[0]);
        }
        FloatCodec.encode(new double[] {0.1}, 1, DType.F64, out);
        FloatCodec.decode(out, DType.F64, back, 1);
        assertEquals(0.1, back[0]);
    }

    private static int encode(double value, DType type) {
        ByteBuffer out = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
        FloatCodec.encode(new double[] {value}, 1, type, out);
        return out.getShort(0) & 0xffff;
    }

    private static double decode(int bits, DType type) {
        double[] value = new double[1];
        FloatCodec.decode(
                ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort(0, (short) bits), type, value, 1);
        return value[0];
    }
}
