package io.github.psft4j.kernel.cpu;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.GemmChoice;
import io.github.psft4j.kernel.cpu.gemm.OneDnn;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Products of few rows with a large weight, which are computed in a way of their own, against products in double. */
class FewRowsTest {

    private static final int IN = 520;
    private static final int OUT = 531; // two workers, whole panels and rests

    private static List<Products> forms() {
        WorkerPool pool = new WorkerPool(2);
        List<Products> forms = new ArrayList<>();
        forms.add(new CpuForm(pool, GemmChoice.of("openblas"), Precision.F32).products());
        if (OneDnn.status().problem() == null) {
            forms.add(new CpuForm(pool, GemmChoice.of("onednn"), Precision.F32).products());
        }
        if (OneDnn.status().bf16Problem() == null) {
            forms.add(new CpuForm(pool, GemmChoice.of("onednn"), Precision.BF16).products());
        }
        return forms;
    }

    /** Whole numbers from -8 to 7: bfloat16 has them exactly, and float all their sums. */
    private static INDArray whole(long... shape) {
        return Nd4j.math.floor(Nd4j.rand(DataType.DOUBLE, shape).muli(16).subi(8));
    }

    @Test
    void everyElementIsTheSumOfItsProducts() {
        INDArray w = whole(OUT, IN);
        INDArray asFloat = floats(w);
        INDArray asBf16 = w.castTo(DataType.BFLOAT16).dup('c');
        for (int n : new int[] {4, 12, 17, 32, 64}) { // 4 in bfloat16 only
            assertTrue(FewRows.suits(n, 4, asFloat), "computed so");
            INDArray x = whole(n, IN);
            INDArray before = whole(n, OUT);
            INDArray product = x.mmul(w.transpose());
            for (Products form : forms()) {
                for (INDArray weight : List.of(asFloat, asBf16)) {
                    for (int beta : new int[] {0, 1}) {
                        INDArray y = floats(before);
                        form.linear(floats(x), weight, y, beta);
                        INDArray expected = product.add(before.mul(beta));
                        assertExact(expected, y.castTo(DataType.DOUBLE), n + " rows, beta " + beta); // whole numbers
                    }
                }
            }
        }
    }

    /**
     * A sampler, which has few rows, gets the log-probs of a trainer, which has many. The order of sums decides it;
     * that of oneDNN is known.
     */
    @Test
    void aRowOfBatchInvariantProductsHasTheBitsThatItHasAmongMany() {
        assumeTrue(OneDnn.status().problem() == null, "the order of OpenBLAS's sums is not known");
        CpuForm usual = new CpuForm(new WorkerPool(2), GemmChoice.of("onednn"), Precision.F32);
        Products few = usual.batchInvariant().products();
        int many = 300;
        for (int out : new int[] {8, 24, 300, OUT, 1_536}) {
            for (int in : new int[] {40, 576, 896, 1_536}) {
                INDArray w = Nd4j.randn(DataType.FLOAT, out, in);
                INDArray x = Nd4j.randn(DataType.FLOAT, many, in);
                INDArray before = Nd4j.randn(DataType.FLOAT, many, out);
                for (INDArray weight : List.of(w, w.castTo(DataType.BFLOAT16).dup('c'))) {
                    for (int beta : new int[] {0, 1}) {
                        INDArray expected = before.dup('c');
                        usual.products().linear(x, weight, expected, beta);
                        for (int n : new int[] {1, 2, 7, 15, 16, 33, 64}) {
                            INDArray y = rows(before, n);
                            few.linear(rows(x, n), weight, y, beta);
                            String what = n + " rows of " + out + " x " + in + ", beta " + beta;
                            assertEquals(
                                    0, y.sub(rows(expected, n)).amaxNumber().doubleValue(), what);
                        }
                    }
                }
            }
        }
    }

    private static INDArray rows(INDArray x, int n) {
        return x.get(NDArrayIndex.interval(0, n), NDArrayIndex.all()).dup('c');
    }

    /** Rows enough to be split among workers, but a weight that is many times as long. */
    @Test
    void theWeightOfAVocabularyGivesTheSameProductsAsAnyOther() {
        int n = 70;
        INDArray w = whole(2_300, 64);
        INDArray x = whole(n, 64);
        INDArray dy = whole(n, 2_300);
        for (Products form : forms()) {
            INDArray y = Nd4j.create(DataType.FLOAT, n, 2_300);
            INDArray dx = Nd4j.create(DataType.FLOAT, n, 64);
            form.linear(floats(x), floats(w), y, 0);
            form.gradInput(floats(dy), floats(w), dx, 0);
            assertExact(x.mmul(w.transpose()), y.castTo(DataType.DOUBLE), "output");
            assertExact(dy.mmul(w), dx.castTo(DataType.DOUBLE), "gradient of the input");
        }
    }

    private static INDArray floats(INDArray a) {
        return a.castTo(DataType.FLOAT).dup('c');
    }

    @Test
    void manyRowsAndSmallWeightsAreComputedInOrder() {
        INDArray large = Nd4j.create(DataType.FLOAT, OUT, IN);
        FewRows few = new FewRows(new WorkerPool(1), false);
        assertFalse(few.suits(11, large));
        assertFalse(few.suits(65, large));
        assertFalse(few.suits(32, Nd4j.create(DataType.FLOAT, 100, 100)), "as those of tests and examples are");
    }
}
