package io.github.psft4j.hf.safetensors;

import java.util.Arrays;

/**
 * One tensor of a safetensors file: its type, its shape and the range of its bytes.
 *
 * @param name key in the file's header
 * @param dtype element type
 * @param shape sizes of the dimensions, row-major; empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end one past the last byte, counted from the end of the header
 */
public record TensorInfo(String name, DType dtype, long[] shape, long begin, long end) {

    /** Copies {@code shape}. */
    public TensorInfo {
        shape = shape.clone();
    }

    /** @return a copy of the shape */
    @Override
    public long[] shape() {
        return shape.clone();
    }

    /** @return number of elements, 1 for a scalar */
    public long elements() {
        return (end - begin) / dtype.bytes();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TensorInfo that
                && name.equals(that.name)
                && dtype == that.dtype
                && Arrays.equals(shape, that.shape)
                && begin == that.begin
                && end == that.end;
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + Arrays.hashCode(shape);
    }

    @Override
    public String toString() {
        return name + ": " + dtype + Arrays.toString(shape) + " [" + begin + ", " + end + ")";
    }
}
