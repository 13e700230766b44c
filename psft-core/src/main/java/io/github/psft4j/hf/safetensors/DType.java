package io.github.psft4j.hf.safetensors;

import java.util.Arrays;
import java.util.Optional;

/**
 * Element type of a safetensors tensor; the constant's name is the name in the file. All are little-endian.
 *
 * <p>Source: the <a href="https://github.com/huggingface/safetensors">safetensors</a> format. Its types without a use
 * in ND4J (8-bit and 4-bit floats, complex and unsigned wide integers) are refused by the reader.
 */
public enum DType {
    /** IEEE 754 binary64. */
    F64(8, true),
    /** IEEE 754 binary32. */
    F32(4, true),
    /** IEEE 754 binary16: 11 significant bits, largest finite value 65504. */
    F16(2, true),
    /** bfloat16, the upper half of binary32: 8 significant bits, the range of {@link #F32}. */
    BF16(2, true),
    /** Signed 64-bit integer. */
    I64(8, false),
    /** Signed 32-bit integer. */
    I32(4, false),
    /** Signed 16-bit integer. */
    I16(2, false),
    /** Signed 8-bit integer. */
    I8(1, false),
    /** Unsigned 8-bit integer. */
    U8(1, false),
    /** One byte, 0 is false. */
    BOOL(1, false);

    private final int bytes;
    private final boolean floating;

    DType(int bytes, boolean floating) {
        this.bytes = bytes;
        this.floating = floating;
    }

    /** @return width of one element in bytes */
    public int bytes() {
        return bytes;
    }

    /** @return whether the elements are floating-point numbers */
    public boolean isFloating() {
        return floating;
    }

    /**
     * @param name name as in a safetensors header, case-sensitive
     * @return the type, empty if this library does not know the name
     */
    public static Optional<DType> of(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }
}
