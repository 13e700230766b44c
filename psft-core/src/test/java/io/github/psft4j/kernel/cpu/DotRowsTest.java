package io.github.psft4j.kernel.cpu;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.GemmChoice;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.RowMathFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Products of a handful of rows with a large weight, against products in double. */
class DotRowsTest {

    private static RowMath math;

    @BeforeAll
    static void vectors() {
        assumeTrue(RowMathFactory.moduleLoaded(), "the loop needs the Vector module");
        math = RowMathFactory.choose("vector");
        assumeTrue(math.dots() != null, "the loop needs vectors of AVX2");
    }

    /** Whole numbers from -8 to 7: float has all their sums. */
    private static INDArray whole(long... shape) {
        return Nd4j.math.floor(Nd4j.rand(DataType.DOUBLE, shape).muli(16).subi(8));
    }

    private static INDArray floats(INDArray a) {
        return a.castTo(DataType.FLOAT).dup('c');
    }

    /**
     * Two workers; rows, terms and outputs that are whole vectors, and then such that are not: behind these lies what
     * was. A weight in bfloat16 has all these numbers.
     */
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "BFLOAT16"})
    void everyElementIsTheSumOfItsProducts(DataType type) {
        WorkerPool pool = new WorkerPool(2);
        Products products = new CpuForm(pool, GemmChoice.of("auto"), Precision.F32, math).products();
        DotRows dots = new DotRows(pool, math);
        int computed = 0;
        for (int[] shape : new int[][] {{512, 576}, {531, 521}}) {
            INDArray w = whole(shape[0], shape[1]);
            INDArray weight = floats(w).castTo(type);
            for (int n = 1; n < FewRows.LEAST; n++) {
                computed += dots.suits(n, weight) ? 1 : 0;
                INDArray x = whole(n, shape[1]);
                INDArray before = whole(n, shape[0]);
                for (int beta : new int[] {0, 1}) {
                    INDArray y = floats(before);
                    products.linear(floats(x), weight, y, beta);
                    INDArray expected = x.mmul(w.transpose()).add(before.mul(beta));
                    assertExact(expected, y.castTo(DataType.DOUBLE), n + " rows, beta " + beta); // whole numbers
                }
            }
        }
        boolean narrow = type == DataType.BFLOAT16;
        assertEquals(
                math.dots().lanes() == 8 ? (narrow ? 22 : 10) : narrow ? 0 : 16, computed, "products by these loops");
    }

    /** Behind a row of the weight lies the next, whose numbers count for its own output alone. */
    @Test
    void aNumberThatIsNotFiniteStaysInItsOutput() {
        INDArray w = Nd4j.ones(DataType.FLOAT, 531, 521);
        w.putScalar(7, 0, Float.NaN);
        INDArray y = Nd4j.create(DataType.FLOAT, 1, 531);
        Products products = new CpuForm(new WorkerPool(1), GemmChoice.of("auto"), Precision.F32, math).products();
        products.linear(Nd4j.ones(DataType.FLOAT, 1, 521), w.castTo(DataType.BFLOAT16), y, 0);
        for (int i = 0; i < 531; i++) {
            assertEquals(i == 7 ? Float.NaN : 521, y.getFloat(0, i), "output " + i);
        }
    }

    @Test
    void otherNumbersOfRowsAndSmallWeightsAreNot() {
        DotRows dots = new DotRows(new WorkerPool(1), math);
        INDArray large = Nd4j.create(DataType.FLOAT, 512, 576);
        assertFalse(dots.suits(1, large), "a library reads the weight in order, too");
        assertFalse(dots.suits(12, large), "FewRows has these");
        assertFalse(dots.suits(8, Nd4j.create(DataType.FLOAT, 100, 100)), "as those of tests and examples are");
        assertFalse(dots.suits(12, large.castTo(DataType.BFLOAT16)), "FewRows has these");
    }
}
