package io.github.psft4j.kernel.cpu.gemm;

/** Off-heap numbers of one type. */
public interface NativeMemory {

    /** Address of the number at the offset; valid while this object is reachable. */
    long address(long offset);
}
