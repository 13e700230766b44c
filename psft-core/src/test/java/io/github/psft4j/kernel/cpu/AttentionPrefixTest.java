package io.github.psft4j.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.CachedAttention;
import io.github.psft4j.kernel.KeyValueCache;
import io.github.psft4j.kernel.KeyValueMemory;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.GemmChoice;
import io.github.psft4j.kernel.cpu.gemm.OneDnn;
import io.github.psft4j.kernel.cpu.rows.RowMathFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    @CsvSource({"plain, 8", "plain, 64", "vector, 8", "vector, 20", "vector, 64"})
    void aBeginningHasTheSameBitsAlone(String rows, int headDim) {
        assumeTrue(
                OneDnn.status().isa().contains("512"),
                "oneDNN sums more than 96 keys in another order without AVX-512");
        INDArray qkv = Nd4j.randn(DataType.FLOAT, TIME, (HEADS + 2L) * headDim).muli(3);
        float[] whole = outputs(form(rows, 2), qkv, TIME, headDim);
        for (int time : new int[] {1, 2, 3, 15, 16, 17, 127, 128, 129, 143, 192, 255, 256, 257, 258, 300, 385, 513}) {
            for (int workers : new int[] {1, 2, 3}) {
                float[] expected = new float[time * HEADS * headDim];
                System.arraycopy(whole, 0, expected, 0, expected.length);
                float[] alone = outputs(form(rows, workers), qkv, time, headDim);
                assertArrayEquals(expected, alone, time + " tokens, " + workers + " workers");
            }
        }
    }

    /** Tokens over a cache of those before them, a batch of two sequences at different positions. */
    @ParameterizedTest
    @CsvSource({"plain, 8", "plain, 64", "vector, 8", "vector, 20", "vector, 64"})
    void newTokensOverACacheHaveTheBitsOfTheWholeSequence(String rows, int headDim) {
        assumeTrue(
                OneDnn.status().isa().contains("512"),
                "oneDNN sums more than 96 keys in another order without AVX-512");
        INDArray qkv = Nd4j.randn(DataType.FLOAT, TIME, (HEADS + 2L) * headDim).muli(3);
        float[] whole = outputs(form(rows, 2), qkv, TIME, headDim);
        CachedAttention attention = form(rows, 2).cachedAttention();
        int row = HEADS * headDim;
        for (int start : new int[] {1, 17, 250, 300}) {
            try (KeyValueMemory memory = attention.memory()) {
                KeyValueCache cache = memory.cache(2, shape(1, headDim), qkv, TIME);
                for (int slot = 0; slot < 2; slot++) {
                    INDArray prompt = rows(qkv, 0, start + slot);
                    attention.store(prompt, shape(start + slot, headDim), cache, new int[] {slot});
                }
                INDArray out = Nd4j.create(DataType.FLOAT, 2, row);
                for (int step = 0; step < 229; step++) {
                    int first = start + step;
                    int[] positions = {first, first + 1};
                    AttentionShape two = new AttentionShape(2, 1, HEADS, 1, headDim, 0, 1 / Math.sqrt(headDim));
                    attention.next(rows(qkv, first, first + 2), two, cache, new int[] {0, 1}, positions, out);
                    float[] expected = new float[2 * row];
                    System.arraycopy(whole, first * row, expected, 0, expected.length);
                    assertArrayEquals(expected, out.data().asFloat(), "positions from " + first + " behind " + start);
                }
            }
        }
    }

    private static AttentionShape shape(int time, int headDim) {
        return new AttentionShape(1, time, HEADS, 1, headDim, 0, 1 / Math.sqrt(headDim));
    }

    private static INDArray rows(INDArray x, int from, int to) {
        return x.get(NDArrayIndex.interval(from, to), NDArrayIndex.all()).dup('c');
    }

    private static CpuForm form(String rows, int workers) {
        return new CpuForm(
                new WorkerPool(workers), GemmChoice.of("onednn"), Precision.F32, RowMathFactory.choose(rows));
    }

    private static float[] outputs(CpuForm form, INDArray qkv, int time, int headDim) {
        INDArray out = Nd4j.create(DataType.FLOAT, time, (long) HEADS * headDim);
        form.attention()
                .forward(rows(qkv, 0, time), shape(time, headDim), out, Nd4j.create(DataType.FLOAT, HEADS, time));
        return out.data().asFloat();
    }
}
