package io.github.psft4j.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What attention over a cache leaves on the Java heap for one token of one block. */
class CachedAttentionAllocationTest {

    /** A vector that becomes an object takes 96 bytes or more for 16 floats: 100 kB for these heads and entries. */
    private static final long MOST_BYTES = 1_000;

    private static final int ENTRIES = 200;
    private static final long LONGEST_WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(90);

    static Stream<TensorOps> forms() {
        return TensorOpsTest.rowForms().map(rows -> TensorOpsTest.cpu(1, rows));
    }

    /** Vectors are objects until C2 has compiled their loops, so the form has some time to reach the bound. */
    @ParameterizedTest
    @MethodSource("forms")
    void aTokenAllocatesLessThanOneKilobyteOnceItsLoopsAreCompiled(TensorOps ops) {
        CachedAttention attention = ops.cachedAttention();
        AttentionShape shape = new AttentionShape(1, 1, 8, 4, 8, 0, 0.35);
        GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, 3);
        INDArray row = arrays.normal(1, shape.qkvWidth());
        INDArray out = arrays.garbage(1, shape.outWidth());
        long start = System.nanoTime();
        long bytes;
        do {
            try (KeyValueMemory memory = attention.memory()) {
                KeyValueCache cache = memory.cache(1, shape, row, ENTRIES);
                long[] all = new long[1];
                ops.handleCache().run(() -> all[0] = allocated(attention, row, shape, cache, out));
                bytes = all[0] / ENTRIES;
            }
        } while (bytes > MOST_BYTES && System.nanoTime() - start < LONGEST_WARM_UP_NANOS);
        assertTrue(bytes <= MOST_BYTES, ops.name() + ": a token allocates " + bytes + " bytes in a block");
        arrays.assertGuardsIntact();
    }

    /** Bytes of all tokens. */
    private static long allocated(
            CachedAttention attention, INDArray row, AttentionShape shape, KeyValueCache cache, INDArray out) {
        int[] slots = {0};
        int[] positions = {0};
        long before = ofThisThread();
        for (int t = 0; t < ENTRIES; t++) {
            positions[0] = t;
            attention.next(row, shape, cache, slots, positions, out);
        }
        return ofThisThread() - before;
    }

    private static long ofThisThread() {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    }
}
