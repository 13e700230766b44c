package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.GuardedArrays.assertClose;
import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.cpu.rows.RowMathFactory;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Keys and values in pages: what slots share, and what becomes of the memory. */
class PagedCacheTest {

    private static final double SCALE = 0.4;

    /** Groups of 1 to 6 heads; windows that end inside a page, and on its border. */
    private static final List<AttentionShape> SHAPES = List.of(
            new AttentionShape(1, 1, 9, 3, 20, 0, SCALE),
            new AttentionShape(1, 1, 5, 1, 8, 40, SCALE),
            new AttentionShape(1, 1, 2, 2, 64, 32, SCALE),
            new AttentionShape(1, 1, 6, 1, 16, 7, SCALE));

    static Stream<TensorOps> forms() {
        return TensorOpsTest.rowForms()
                .flatMap(rows -> Stream.of(TensorOpsTest.cpu(1, rows), TensorOpsTest.cpu(2, rows)));
    }

    private static GuardedArrays arrays() {
        return new GuardedArrays(DataType.FLOAT, 5);
    }

    private static INDArray next(
            CachedAttention attention, AttentionShape shape, KeyValueCache cache, INDArray rows, int position) {
        int n = (int) rows.size(0);
        int[] slots = new int[n];
        Arrays.setAll(slots, i -> i);
        int[] positions = new int[n];
        Arrays.fill(positions, position);
        INDArray out = arrays().garbage(n, shape.outWidth());
        attention.next(rows, shape.within(SequenceLayout.whole(n, 1)), cache, slots, positions, out);
        return out;
    }

    /** Each sample goes its own way behind the prompt, and none moves another. */
    @ParameterizedTest
    @MethodSource("forms")
    void sharedPromptsGiveTheBitsOfPromptsOfTheirOwn(TensorOps ops) {
        CachedAttention attention = ops.cachedAttention();
        for (AttentionShape shape : SHAPES) {
            for (int prompt : new int[] {1, 16, 37, 55}) {
                GuardedArrays arrays = arrays();
                INDArray rows = arrays.normal(prompt, shape.qkvWidth());
                try (KeyValueMemory memory = attention.memory()) {
                    KeyValueCache shared = memory.cache(3, shape, rows, 100);
                    KeyValueCache own = memory.cache(3, shape, rows, 100);
                    attention.store(rows, shape.withTime(prompt), shared, new int[] {0});
                    attention.share(shared, 0, new int[] {1, 2}, prompt);
                    for (int slot = 0; slot < 3; slot++) {
                        attention.store(rows, shape.withTime(prompt), own, new int[] {slot});
                    }
                    for (int t = prompt; t < prompt + 40; t++) {
                        INDArray tokens = arrays.normal(3, shape.qkvWidth());
                        assertArrayEquals(
                                values(next(attention, shape, own, tokens, t)),
                                values(next(attention, shape, shared, tokens, t)),
                                0,
                                shape + " after " + prompt + " at " + t);
                    }
                }
                arrays.assertGuardsIntact();
            }
        }
    }

    /** The ring goes around several times. */
    @ParameterizedTest
    @MethodSource("forms")
    void windowsCrossTheBordersOfPages(TensorOps ops) {
        int time = 150;
        for (AttentionShape shape : SHAPES) {
            GuardedArrays arrays = arrays();
            INDArray qkv = arrays.normal(time, shape.qkvWidth());
            double[] expected = new ScalarReference.Attention(values(qkv), shape.withTime(time), null).out;
            try (KeyValueMemory memory = ops.cachedAttention().memory()) {
                KeyValueCache cache = memory.cache(1, shape, qkv, time);
                for (int t = 0; t < time; t++) {
                    INDArray row = arrays.garbage(1, shape.qkvWidth());
                    row.assign(Views.rowRange(qkv, t, t + 1));
                    INDArray out = next(ops.cachedAttention(), shape, cache, row, t);
                    double[] wanted = Arrays.copyOfRange(expected, t * shape.outWidth(), (t + 1) * shape.outWidth());
                    assertClose(wanted, out, 1e-5, shape + " at " + t);
                }
            }
        }
    }

    /** 1 MB of keys and values, which 16 samples would otherwise hold 16 times. */
    @Test
    void thePagesOfAPromptLieInMemoryOnce() {
        AttentionShape shape = new AttentionShape(1, 512, 4, 4, 64);
        CachedAttention attention =
                TensorOpsTest.cpu(1, RowMathFactory.shared()).cachedAttention();
        INDArray rows = arrays().normal(512, shape.qkvWidth());
        try (KeyValueMemory memory = attention.memory()) {
            KeyValueCache cache = memory.cache(16, shape, rows, 600);
            attention.store(rows, shape, cache, new int[] {0});
            long alone = memory.bytes();
            attention.share(cache, 0, new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, 512);
            next(attention, shape, cache, arrays().normal(16, shape.qkvWidth()), 512);
            assertTrue(memory.bytes() <= 2 * alone, memory.bytes() + " of " + alone);
        }
    }

    /** Whatever its slots hold; Java's collector has no part in it. */
    @Test
    void aClosedMemoryIsFreeAtOnceAndRefusesItsUse() {
        AttentionShape shape = new AttentionShape(1, 400, 4, 4, 64);
        CachedAttention attention =
                TensorOpsTest.cpu(1, RowMathFactory.shared()).cachedAttention();
        INDArray rows = arrays().normal(400, shape.qkvWidth());
        INDArray token = arrays().normal(1, shape.qkvWidth());
        long before = Pointer.totalBytes();
        KeyValueMemory memory = attention.memory();
        KeyValueCache cache = memory.cache(2, shape, rows, 500);
        attention.store(rows, shape, cache, new int[] {1});
        long held = memory.bytes();
        assertTrue(held >= 400 * 2 * 4 * 64 * Float.BYTES, held + " bytes");
        assertTrue(Pointer.totalBytes() >= before + held);
        memory.close();
        assertEquals(0, memory.bytes());
        assertTrue(Pointer.totalBytes() < before + held);
        assertThrows(IllegalStateException.class, () -> next(attention, shape, cache, token, 0));
    }
}
