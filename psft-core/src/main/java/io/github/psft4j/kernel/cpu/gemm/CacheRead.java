package io.github.psft4j.kernel.cpu.gemm;

import java.lang.ref.Reference;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.indexer.LongRawIndexer;

/**
 * Reads memory in its order, so that it lies in the second-level cache when a product needs it.
 *
 * <p>A product of few columns reads many rows side by side. Where rows are short, the processor does not recognise that
 * as a sequence, and the product waits for the memory. It recognises this sequence, and reads ahead.
 */
public final class CacheRead {

    /** Rows with fewer numbers are worth it: of longer ones the processor recognises each. */
    public static final int LONG_ROW = 1024;

    private static final int LINE = 64 / Long.BYTES;

    private static final ThreadLocal<CacheRead> LOCAL = ThreadLocal.withInitial(CacheRead::new);

    private long seen; // depends on all that was read, so that the compiler leaves no read out

    private CacheRead() {}

    /** Reads so many bytes, whole words of eight, from the number at the offset on. */
    public static void run(NativeMemory memory, long offset, long bytes) {
        LOCAL.get().read(memory.address(offset), bytes / Long.BYTES);
        Reference.reachabilityFence(memory);
    }

    private void read(long address, long n) {
        LongRawIndexer words = new LongRawIndexer(new ForeignLongs(address, n));
        long bits = 0;
        for (long i = 0; i < n; i += LINE) {
            bits ^= words.get(i);
        }
        seen ^= bits;
    }

    /** Pointer to memory that somebody else owns and keeps alive. */
    private static final class ForeignLongs extends LongPointer {
        ForeignLongs(long address, long n) {
            super((Pointer) null);
            this.address = address;
            this.limit = n;
            this.capacity = n;
        }
    }
}
