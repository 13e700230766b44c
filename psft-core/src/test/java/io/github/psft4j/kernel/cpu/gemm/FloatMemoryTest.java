package io.github.psft4j.kernel.cpu.gemm;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.HandleCache;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.CpuForm;
import java.util.IdentityHashMap;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Floats outside the heap are read and written where they lie, and arrays that lie otherwise are refused. */
class FloatMemoryTest {

    private static final long SEGMENT = 1L << 28; // floats that one direct buffer covers

    @Test
    void offsetsCountFromTheStartOfAView() {
        INDArray base = Nd4j.createFromArray(0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f);
        INDArray view = base.get(NDArrayIndex.interval(2, 7));
        FloatMemory memory = FloatMemory.of(view);
        assertEquals(5, memory.length());
        float[] all = new float[5];
        memory.get(0, all, 5);
        assertArrayEquals(new float[] {2, 3, 4, 5, 6}, all);
        float[] out = {-1, -1, -1};
        memory.get(3, out, 2);
        assertArrayEquals(new float[] {5, 6, -1}, out);
        memory.put(1, new float[] {30, 40, 50}, 2);
        assertArrayEquals(new float[] {0, 1, 2, 30, 40, 5, 6, 7}, base.toFloatVector());
        assertEquals(40, new ForeignFloats().at(memory.address(2), 1).get());
    }

    /** Logits of a large batch are longer than one direct buffer can be. */
    @Test
    void aRangeMayCrossTheEndOfADirectBufferButNotOfTheMemory() {
        FloatMemory memory = FloatMemory.allocate(SEGMENT + 5);
        try (Pointer owner = (FloatPointer) memory.owner()) { // pages that are not touched cost nothing
            assertEquals(owner.address(), memory.address(0));
            memory.put(0, new float[] {-1, -2, -3}, 3);
            float[] given = {1, 2, 3, 4, 5};
            memory.put(SEGMENT - 2, given, 5);
            float[] out = new float[5];
            memory.get(SEGMENT - 2, out, 5);
            assertArrayEquals(given, out);
            for (int i = 0; i < 5; i++) {
                assertEquals(
                        given[i],
                        new ForeignFloats()
                                .at(memory.address(SEGMENT - 2 + i), 1)
                                .get());
            }
            float[] start = new float[3];
            memory.get(0, start, 3);
            assertArrayEquals(new float[] {-1, -2, -3}, start, "the first buffer's start");
            assertThrows(RuntimeException.class, () -> memory.get(SEGMENT + 4, start, 2), "read past the end");
            assertThrows(RuntimeException.class, () -> memory.put(SEGMENT + 4, start, 2), "written past the end");
        }
    }

    @Test
    void arraysOfAnotherTypeOrOrderAreRefused() {
        assertRefused("FLOAT", Nd4j.create(DataType.DOUBLE, 3));
        INDArray matrix = Nd4j.create(DataType.FLOAT, new long[] {2, 3}, 'c');
        assertRefused("dense 'c'", matrix.dup('f'));
        assertRefused("dense 'c'", matrix.getColumn(1));
        assertRefused("dense 'c'", matrix.transpose());
        assertEquals(6, FloatMemory.of(matrix).length());
        assertEquals(
                1,
                FloatMemory.of(Nd4j.create(DataType.FLOAT, new long[] {1, 1}, 'f'))
                        .length());
        assertEquals(
                3,
                FloatMemory.of(Nd4j.create(DataType.FLOAT, new long[] {3}, 'f')).length());
    }

    private static void assertRefused(String reason, INDArray array) {
        String message = assertThrows(IllegalArgumentException.class, () -> FloatMemory.of(array))
                .getMessage();
        assertTrue(message.contains(reason), message);
    }

    @Test
    void memoriesAreKeptWhileWorkAsksForItAndNoLonger() {
        INDArray x = Nd4j.create(DataType.FLOAT, 3);
        Map<INDArray, Object> outer = new IdentityHashMap<>();
        Map<INDArray, Object> inner = new IdentityHashMap<>();
        FloatMemory.keeping(outer, () -> {
            FloatMemory kept = FloatMemory.of(x);
            assertEquals(3, kept.length());
            assertSame(kept, FloatMemory.of(x));
            assertThrows(
                    IllegalStateException.class,
                    () -> FloatMemory.keeping(inner, () -> {
                        assertNotSame(kept, FloatMemory.of(x));
                        throw new IllegalStateException("work that fails");
                    }));
            assertSame(kept, FloatMemory.of(x), "the outer work goes on with its own");
        });
        assertSame(outer.get(x), keptBy(outer, x), "the same work again");
        assertNotSame(FloatMemory.of(x), FloatMemory.of(x), "outside");
        assertEquals(1, outer.size());
        assertEquals(1, inner.size());
    }

    private static FloatMemory keptBy(Map<INDArray, Object> map, INDArray x) {
        FloatMemory[] seen = new FloatMemory[1];
        FloatMemory.keeping(map, () -> seen[0] = FloatMemory.of(x));
        return seen[0];
    }

    @Test
    void repeatedWorkOfTheCpuFormKeepsItsArrays() {
        TensorOps ops = new TensorOps(new CpuForm(new WorkerPool(1)));
        HandleCache handles = ops.handleCache();
        FloatMemory first = null;
        INDArray x = Nd4j.createFromArray(1f, 2f, 3f);
        INDArray y = Nd4j.create(DataType.FLOAT, 3);
        for (int i = 0; i < 2; i++) {
            x.muli(2);
            FloatMemory[] seen = new FloatMemory[1];
            handles.run(() -> {
                ops.vectors().copy(x, y);
                seen[0] = FloatMemory.of(y);
            });
            assertExact(x, y);
            assertSame(first == null ? seen[0] : first, seen[0]);
            first = seen[0];
        }
    }

    /** Work that never meets the same array again must not fill the heap. */
    @Test
    void whatIsKeptIsForgottenOnceThereIsTooMuchOfIt() {
        int[] cleared = {0};
        int[] size = {0};
        Map<INDArray, Object> kept = new IdentityHashMap<>() {
            @Override
            public int size() {
                return size[0];
            }

            @Override
            public void clear() {
                cleared[0]++;
                super.clear();
            }
        };
        INDArray first = Nd4j.create(DataType.FLOAT, 1);
        INDArray second = Nd4j.create(DataType.FLOAT, 1);
        keptBy(kept, first);
        assertEquals(0, cleared[0]);
        size[0] = 1 << 16;
        keptBy(kept, first);
        assertEquals(0, cleared[0], "one that is there needs no room");
        keptBy(kept, second);
        assertEquals(1, cleared[0]);
        assertTrue(kept.containsKey(second) && !kept.containsKey(first));
    }
}
