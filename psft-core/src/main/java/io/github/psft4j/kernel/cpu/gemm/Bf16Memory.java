package io.github.psft4j.kernel.cpu.gemm;

import org.bytedeco.javacpp.ShortPointer;

/** Off-heap bfloat16 numbers that grow to the largest request; offsets are counted in numbers. */
public final class Bf16Memory implements NativeMemory {

    private ShortPointer memory = new ShortPointer();
    private long length;

    /** Makes room for n numbers; what was there is lost if it has to grow. */
    public Bf16Memory reserve(long n) {
        if (length < n) {
            memory.close();
            memory = new ShortPointer(n);
            length = n;
        }
        return this;
    }

    /** Numbers that there is room for. */
    public long length() {
        return length;
    }

    /** Frees the memory; what is reserved afterwards is new. */
    public void close() {
        memory.close();
        memory = new ShortPointer();
        length = 0;
    }

    /** {@inheritDoc} Growing invalidates it. */
    @Override
    public long address(long offset) {
        return memory.address() + offset * Short.BYTES;
    }
}
