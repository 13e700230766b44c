package io.github.psft4j.kernel.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.kernel.GuardedArrays;
import io.github.psft4j.kernel.cpu.rows.InOrder;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** With AVX2 an output of a product is one sum in order, whatever its place and whatever the shape. */
class OrderedSumsTest {

    private static final int[] EDGES = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 72, 73, 76, 128, 255, 256};

    private final Random random = new Random(3);
    private final GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, 5);

    @Test
    void outputsOfAnyShapeAreSumsInOrder() {
        assumeTrue(OneDnn.status().isa().equals("AVX2"), "this order is that of the kernels for AVX2");
        for (int i = 0; i < 400; i++) {
            boolean large = i % 8 == 0;
            int m = size(large ? 1200 : 300);
            int n = size(large ? 1200 : 300);
            boolean transposed = i % 2 == 0;
            int k = 1 + random.nextInt(transposed ? 96 : 256);
            int beta = i % 3 == 0 ? 1 : 0;
            INDArray a = transposed ? arrays.normal(k, m) : arrays.normal(m, k);
            INDArray b = transposed ? arrays.normal(k, n) : arrays.normal(n, k);
            INDArray c = arrays.normal(m, n);
            INDArray before = c.dup('c');
            Operands o = Operands.local();
            if (transposed) {
                o.a.transposed(FloatMemory.of(a), 0, m);
                o.b.at(FloatMemory.of(b), 0, n);
            } else {
                o.a.at(FloatMemory.of(a), 0, k);
                o.b.transposed(FloatMemory.of(b), 0, k);
            }
            o.c.at(FloatMemory.of(c), 0, n);
            new OneDnnGemm().run(m, n, k, 1, o.a, o.b, beta, o.c);
            for (int place = 0; place < 600; place++) {
                // The last rows and columns in every other place.
                int row = place % 2 == 0 ? random.nextInt(m) : m - 1 - random.nextInt(Math.min(m, 4));
                int column = place % 4 < 2 ? random.nextInt(n) : n - 1 - random.nextInt(Math.min(n, 9));
                float sum = InOrder.dot(terms(a, transposed, row, k), terms(b, transposed, column, k), k);
                float expected = beta == 0 ? sum : before.getFloat(row, column) + sum;
                String what = m + " x " + n + " of " + k + " terms, row " + row + ", column " + column;
                assertEquals(expected, c.getFloat(row, column), what);
            }
        }
    }

    private int size(int most) {
        return random.nextInt(3) == 0 ? EDGES[random.nextInt(EDGES.length)] : 1 + random.nextInt(most);
    }

    private static float[] terms(INDArray x, boolean down, int at, int k) {
        float[] out = new float[k];
        IntStream.range(0, k).forEach(i -> out[i] = down ? x.getFloat(i, at) : x.getFloat(at, i));
        return out;
    }
}
