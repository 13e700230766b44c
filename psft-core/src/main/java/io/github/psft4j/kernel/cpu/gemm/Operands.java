package io.github.psft4j.kernel.cpu.gemm;

import org.bytedeco.javacpp.FloatPointer;

/** Three pointers per thread, set anew for every native call, so that a product allocates nothing. */
final class Operands {

    private static final ThreadLocal<Operands> LOCAL = ThreadLocal.withInitial(Operands::new);

    private final ForeignFloats a = new ForeignFloats();
    private final ForeignFloats b = new ForeignFloats();
    private final ForeignFloats c = new ForeignFloats();

    private Operands() {}

    /** The pointers of the calling thread. */
    static Operands local() {
        return LOCAL.get();
    }

    FloatPointer a(long address) {
        return a.at(address);
    }

    FloatPointer b(long address) {
        return b.at(address);
    }

    FloatPointer c(long address) {
        return c.at(address);
    }
}
