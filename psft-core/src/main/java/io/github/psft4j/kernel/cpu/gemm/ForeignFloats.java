package io.github.psft4j.kernel.cpu.gemm;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** Pointer to memory that somebody else owns and keeps alive: it can be set to any address and frees nothing. */
final class ForeignFloats extends FloatPointer {

    ForeignFloats() {
        super((Pointer) null);
    }

    /** Points to the address from now on. */
    ForeignFloats at(long newAddress) {
        this.address = newAddress;
        return this;
    }

    /** Points to n floats at the address from now on. */
    ForeignFloats at(long newAddress, long n) {
        this.address = newAddress;
        this.limit = n;
        this.capacity = n;
        return this;
    }
}
