package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.kernel.cpu.CpuForm;
import io.github.psft4j.kernel.cpu.gemm.GemmChoice;
import io.github.psft4j.kernel.cpu.gemm.OneDnn;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A weight with a low-rank product beside it, computed in one go where operands are rounded to bf16. */
class LowRankSideTest {

    // rows, in, out, rank: split by rows in several blocks, an odd one, too few rows to be split by rows
    private static final int[][] SHAPES = {{600, 192, 320, 16}, {130, 96, 64, 3}, {3, 300, 200, 8}, {1, 64, 64, 4}};

    private final Products products =
            new TensorOps(new CpuForm(new WorkerPool(2), GemmChoice.of("auto"), Precision.BF16)).products();

    @Test
    void theBitsAreThoseOfTheProductsOneByOne() {
        assumeTrue(OneDnn.status().bf16Problem() == null, OneDnn.status().bf16Problem());
        for (int[] s : SHAPES) {
            for (boolean held : new boolean[] {true, false}) {
                WeightScope scope = held ? products.holdWeights() : () -> {};
                compare(s, " held " + held);
                scope.close();
            }
        }
    }

    private void compare(int[] s, String what) {
        Nd4j.getRandom().setSeed(s[0]);
        INDArray x = Nd4j.randn(DataType.FLOAT, s[0], s[1]);
        INDArray dy = Nd4j.randn(DataType.FLOAT, s[0], s[2]);
        INDArray w = Nd4j.createUninitialized(DataType.BFLOAT16, new long[] {s[2], s[1]}, 'c')
                .assign(Nd4j.randn(DataType.FLOAT, s[2], s[1]));
        LowRankSide side = side(s, Nd4j.randn(DataType.FLOAT, s[3], s[1]), Nd4j.randn(DataType.FLOAT, s[2], s[3]));
        INDArray y = dy.dup('c');
        products.linear(x, w, side, y, 1);

        INDArray[] one = {dy.dup('c'), Nd4j.create(DataType.FLOAT, s[0], s[3])};
        products.linear(x, w, one[0], 1);
        products.linear(x, side.a(), one[1], 0);
        products.linear(one[1], side.b(), one[0], 1);
        assertArrayEquals(values(one[1]), values(side.low()), "x aT" + what);
        assertArrayEquals(values(one[0]), values(y), "output" + what);

        LowRankSide gradients =
                side(s, Nd4j.create(DataType.FLOAT, s[3], s[1]), Nd4j.create(DataType.FLOAT, s[2], s[3]));
        INDArray dx = x.dup('c');
        products.grad(dy, x, w, side, dx, gradients);
        INDArray dLow = Nd4j.create(DataType.FLOAT, s[0], s[3]);
        INDArray[] expected = {x.dup('c'), side.a().dup('c'), side.b().dup('c')};
        products.gradInput(dy, w, expected[0], 0);
        products.gradInput(dy, side.b(), dLow, 0);
        products.gradWeight(dy, side.low(), expected[2], 0);
        products.gradInput(dLow, side.a(), expected[0], 1);
        products.gradWeight(dLow, x, expected[1], 0);
        assertArrayEquals(values(dLow), values(gradients.low()), "gradient of x aT" + what);
        assertArrayEquals(values(expected[0]), values(dx), "gradient of x" + what);
        assertArrayEquals(values(expected[1]), values(gradients.a()), "gradient of a" + what);
        assertArrayEquals(values(expected[2]), values(gradients.b()), "gradient of b" + what);
    }

    private static LowRankSide side(int[] s, INDArray a, INDArray b) {
        return new LowRankSide(a, b, Nd4j.create(DataType.FLOAT, s[0], s[3]));
    }
}
