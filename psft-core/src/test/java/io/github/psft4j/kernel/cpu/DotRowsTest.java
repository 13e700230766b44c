package io.github.psft4j.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.GemmChoice;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.RowMathFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
        assumeTrue(math.dotLanes() > 0, "the loop needs the registers of AVX-512");
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
     * was.
     */
    @Test
    void everyElementIsTheSumOfItsProducts() {
        WorkerPool pool = new WorkerPool(2);
        Products products = new CpuForm(pool, GemmChoice.of("auto"), Precision.F32, math).products();
        for (int[] shape : new int[][] {{512, 576}, {531, 520}}) {
            INDArray w = whole(shape[0], shape[1]);
            for (int n : new int[] {4, 5, 8, 11}) {
                assertTrue(new DotRows(pool, math).suits(n, floats(w)), "computed so");
                INDArray x = whole(n, shape[1]);
                INDArray before = whole(n, shape[0]);
                for (int beta : new int[] {0, 1}) {
                    INDArray y = floats(before);
                    products.linear(floats(x), floats(w), y, beta);
                    INDArray expected = x.mmul(w.transpose()).add(before.mul(beta));
                    assertEquals(expected, y.castTo(DataType.DOUBLE), n + " rows, beta " + beta); // whole numbers
                }
            }
        }
    }

    @Test
    void otherNumbersOfRowsAndSmallWeightsAreNot() {
        DotRows dots = new DotRows(new WorkerPool(1), math);
        INDArray large = Nd4j.create(DataType.FLOAT, 512, 576);
        assertFalse(dots.suits(3, large));
        assertFalse(dots.suits(12, large), "FewRows has these");
        assertFalse(dots.suits(8, Nd4j.create(DataType.FLOAT, 100, 100)), "as those of tests and examples are");
        assertFalse(dots.suits(8, large.castTo(DataType.BFLOAT16)), "it becomes float a panel at a time");
    }
}
