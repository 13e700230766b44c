package io.github.psft4j.kernel.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** Working memory grows to the largest request, is then used again, and is no larger than it has to be. */
class WorkingMemoryTest {

    @Test
    void arraysGrowByWholeVectorsAndStayWhileTheyAreLongEnough() {
        ThreadScratch scratch =
                CompletableFuture.supplyAsync(ThreadScratch::local).join();
        float[] a = scratch.array(0, 16);
        assertEquals(16, a.length);
        assertSame(a, scratch.array(0, 16));
        assertSame(a, scratch.array(0, 3));
        assertEquals(32, scratch.array(0, 17).length);
        assertEquals(0, scratch.array(1, 0).length, "slots are apart");
        float[] b = scratch.array(0, 30);
        Arrays.fill(b, 7);
        assertSame(b, scratch.zeroed(0, 2));
        assertArrayEquals(new float[] {0, 0, 7}, Arrays.copyOf(b, 3));
        FloatMemory memory = scratch.memory(0, 100);
        assertEquals(100, memory.length());
        assertSame(memory, scratch.memory(0, 100));
        assertSame(memory, scratch.memory(0, 1));
        assertNotSame(memory, scratch.memory(0, 101));
    }

    @Test
    void bfloat16MemoryKeepsItsContentUntilItGrowsAndThenFreesWhatItHad() {
        long part = 1 << 24; // numbers: 32 MiB, far above what anything else takes or frees meanwhile
        long before = Pointer.totalBytes();
        Bf16Memory memory = new Bf16Memory().reserve(part);
        long address = memory.address(0);
        assertEquals(address + 2, memory.address(1));
        ForeignFloats start = new ForeignFloats().at(address, 1);
        start.put(0, 1.25f);
        assertEquals(address, memory.reserve(part).address(0));
        assertEquals(1.25f, start.get(0));
        memory.reserve(2 * part);
        assertTrue(Pointer.totalBytes() - before < 2.5 * part * Short.BYTES, "the smaller piece was not freed");
        memory.address(0); // reachable until here
    }
}
