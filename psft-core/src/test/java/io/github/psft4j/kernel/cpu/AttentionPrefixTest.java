package io.github.psft4j.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.kernel.Attention;
import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.GemmChoice;
import io.github.psft4j.kernel.cpu.gemm.OneDnn;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * What a position gets does not depend on what follows it, to the last bit: neither on where its sequence ends, nor on
 * which worker takes it. A sampler that sees the beginning alone could not have the trainer's log-probs otherwise.
 */
class AttentionPrefixTest {

    private static final int TIME = 530;
    private static final int HEADS = 3;

    @ParameterizedTest
    @ValueSource(ints = {8, 20, 64})
    void aBeginningHasTheSameBitsAlone(int headDim) {
        assumeTrue(OneDnn.status().isa().contains("512"), "oneDNN sums in another order without AVX-512");
        INDArray qkv = Nd4j.randn(DataType.FLOAT, TIME, (HEADS + 2L) * headDim).muli(3);
        float[] whole = outputs(qkv, TIME, headDim, 2);
        for (int time : new int[] {1, 2, 3, 15, 16, 17, 127, 128, 129, 143, 192, 255, 256, 257, 258, 300, 385, 513}) {
            for (int workers : new int[] {1, 2, 3}) {
                float[] expected = new float[time * HEADS * headDim];
                System.arraycopy(whole, 0, expected, 0, expected.length);
                float[] alone = outputs(qkv, time, headDim, workers);
                assertArrayEquals(expected, alone, time + " tokens, " + workers + " workers");
            }
        }
    }

    private static float[] outputs(INDArray qkv, int time, int headDim, int workers) {
        Attention attention = new CpuForm(new WorkerPool(workers), GemmChoice.of("onednn"), Precision.F32).attention();
        AttentionShape shape = new AttentionShape(1, time, HEADS, 1, headDim, 0, 1 / Math.sqrt(headDim));
        INDArray rows =
                qkv.get(NDArrayIndex.interval(0, time), NDArrayIndex.all()).dup('c');
        INDArray out = Nd4j.create(DataType.FLOAT, time, (long) HEADS * headDim);
        attention.forward(rows, shape, out, Nd4j.create(DataType.FLOAT, HEADS, time));
        return out.data().asFloat();
    }
}
