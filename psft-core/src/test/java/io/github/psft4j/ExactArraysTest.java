package io.github.psft4j;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ExactArraysTest {

    @Test
    void tellsNeighbouringIdsAndSmallStepsApart() {
        differ(Nd4j.createFromArray(100_000, 1), Nd4j.createFromArray(100_001, 1));
        differ(Nd4j.createFromArray(0.02f, 1), Nd4j.createFromArray(Math.nextUp(0.02f), 1));
        differ(Nd4j.createFromArray(1f, 2f), Nd4j.createFromArray(1.0, 2.0));
        differ(Nd4j.createFromArray(1f, 2f), Nd4j.createFromArray(1f, 2f).reshape(1, 2));
    }

    @Test
    void ordersInMemoryAreNoDifference() {
        INDArray array = Nd4j.rand(DataType.FLOAT, 3, 4);
        assertExact(array, array.dup('f'));
        assertExact(array.getColumn(1), array.getColumn(1).dup());
    }

    private static void differ(INDArray a, INDArray b) {
        assertThrows(AssertionError.class, () -> assertExact(a, b));
    }
}
