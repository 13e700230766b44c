package io.github.psft4j.kernel.cpu.gemm;

/** The matrices of a thread's next product. */
public final class Operands {

    private static final ThreadLocal<Operands> LOCAL = ThreadLocal.withInitial(Operands::new);

    public final Matrix a = new Matrix();
    public final Matrix b = new Matrix();
    public final Matrix c = new Matrix();

    private Operands() {}

    /** The matrices of the calling thread. */
    public static Operands local() {
        return LOCAL.get();
    }
}
