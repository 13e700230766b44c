package io.github.psft4j.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.Views;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.GemmChoice;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.RowMathFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Products with weights of 8 bits: what is rounded, how far it moves, and that nothing is trained. */
class Int8ProductsTest {

    // in, out: more than the fewest numbers, of odd lengths, with fewer rows than are multiplied at a time
    private static final int[][] SHAPES = {{129, 131}, {576, 300}, {8_200, 2}, {5_500, 3}, {64, 1_031}};

    private static List<RowMath> forms() {
        List<RowMath> forms = new ArrayList<>(List.of(RowMathFactory.choose("plain")));
        if (RowMathFactory.moduleLoaded()) {
            forms.add(RowMathFactory.choose("vector"));
        }
        return forms;
    }

    private static Products products(RowMath rows) {
        return new CpuForm(new WorkerPool(2), GemmChoice.of("auto"), Precision.INT8, rows).products();
    }

    /** The formula of the class comment, in double. */
    private static double[][] rounded(INDArray w) {
        double[][] all = w.toDoubleMatrix();
        for (double[] row : all) {
            float most = 0;
            for (double value : row) {
                most = Math.max(most, (float) Math.abs(value));
            }
            float scale = most / 127;
            for (int i = 0; i < row.length; i++) {
                double exact = row[i];
                row[i] = scale == 0 ? 0 : scale * Math.round((float) exact / scale);
                assertTrue(Math.abs(row[i] - exact) <= 0.5001 * scale, "moved by more than half of a scale");
            }
        }
        return all;
    }

    @Test
    void aProductIsThatOfTheRoundedWeightForAnyNumberOfRows() {
        for (RowMath rows : forms()) {
            for (int[] s : SHAPES) {
                INDArray w = Nd4j.randn(DataType.FLOAT, s[1], s[0]);
                w.getRow(s[1] - 1).assign(0);
                for (INDArray weight : List.of(w, w.castTo(DataType.BFLOAT16).dup('c'))) {
                    double[][] expected = rounded(weight.castTo(DataType.FLOAT));
                    for (int n : new int[] {1, 2, 5, 17}) {
                        for (int beta : new int[] {0, 1}) {
                            INDArray x = Nd4j.randn(DataType.FLOAT, n, s[0]);
                            INDArray y = Nd4j.randn(DataType.FLOAT, n, s[1]);
                            INDArray before = y.dup('c');
                            products(rows).linear(x, weight, y, beta);
                            compare(x, expected, beta, before, y);
                        }
                    }
                }
            }
        }
    }

    private static void compare(INDArray x, double[][] w, int beta, INDArray before, INDArray y) {
        double[][] xs = x.toDoubleMatrix();
        for (int i = 0; i < xs.length; i++) {
            for (int o = 0; o < w.length; o++) {
                double sum = beta * before.getDouble(i, o);
                double magnitude = Math.abs(sum);
                for (int k = 0; k < w[o].length; k++) {
                    sum += xs[i][k] * w[o][k];
                    magnitude += Math.abs(xs[i][k] * w[o][k]);
                }
                assertEquals(sum, y.getDouble(i, o), 1e-6 * magnitude, xs.length + " rows, output " + o);
            }
        }
    }

    @Test
    void aRowOfFewHasTheBitsThatItHasAlone() {
        for (RowMath rows : forms()) {
            for (int[] s : SHAPES) {
                INDArray w = Nd4j.randn(DataType.FLOAT, s[1], s[0]);
                INDArray x = Nd4j.randn(DataType.FLOAT, 16, s[0]);
                INDArray y = Nd4j.zeros(DataType.FLOAT, 16, s[1]);
                Products products = products(rows);
                products.linear(x, w, y, 0);
                for (int r = 0; r < 16; r++) {
                    INDArray alone = Nd4j.zeros(DataType.FLOAT, 1, s[1]);
                    products.linear(Views.rowRange(x, r, r + 1), w, alone, 0);
                    assertArrayEquals(alone.toFloatVector(), y.getRow(r).toFloatVector(), "row " + r);
                }
            }
        }
    }

    @Test
    void damagedWeightsAreNamedAndGradientsRefused() {
        Products products = products(RowMathFactory.choose("plain"));
        INDArray x = Nd4j.ones(DataType.FLOAT, 1, 256);
        INDArray y = Nd4j.zeros(DataType.FLOAT, 1, 64);
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            INDArray w = Nd4j.ones(DataType.FLOAT, 64, 256);
            w.putScalar(33, 7, bad);
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> products.linear(x, w, y, 0));
            assertTrue(e.getMessage().contains("row 33 of a weight"), e.getMessage());
        }
        INDArray w = Nd4j.ones(DataType.FLOAT, 64, 256);
        assertThrows(UnsupportedOperationException.class, () -> products.gradInput(y, w, x, 0));
        assertThrows(UnsupportedOperationException.class, () -> products.gradWeight(y, x, w, 0));
    }
}
