package io.github.psft4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Compares arrays to the last bit: INDArray.equals forgives 1e-5, absolute or relative, also between token ids. */
public final class ExactArrays {

    private ExactArrays() {}

    public static void assertExact(INDArray expected, INDArray actual) {
        assertExact(expected, actual, "");
    }

    /** Type, shape and every number, whatever the orders in memory. */
    public static void assertExact(INDArray expected, INDArray actual, String message) {
        assertEquals(expected.dataType(), actual.dataType(), message);
        assertArrayEquals(expected.shape(), actual.shape(), message);
        if (!expected.isEmpty()) {
            assertArrayEquals(
                    expected.dup('c').data().asDouble(), actual.dup('c').data().asDouble(), message);
        }
    }
}
