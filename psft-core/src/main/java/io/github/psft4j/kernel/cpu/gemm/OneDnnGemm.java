package io.github.psft4j.kernel.cpu.gemm;

import static org.bytedeco.dnnl.global.dnnl.dnnl_sgemm;

import java.lang.ref.Reference;

/** {@link Gemm} by oneDNN's sgemm, which takes any shape without compiling a kernel for it. */
public final class OneDnnGemm implements Gemm {

    private static final ThreadLocal<Boolean> SINGLE = ThreadLocal.withInitial(() -> {
        OneDnn.oneThreadHere();
        return true;
    });

    @Override
    public String name() {
        return "oneDNN f32 (" + OneDnn.status().isa() + ")";
    }

    @Override
    public void run(
            boolean transA,
            boolean transB,
            int m,
            int n,
            int k,
            float alpha,
            FloatMemory a,
            long aAt,
            int lda,
            FloatMemory b,
            long bAt,
            int ldb,
            float beta,
            FloatMemory c,
            long cAt,
            int ldc) {
        SINGLE.get();
        Operands p = Operands.local();
        int status = dnnl_sgemm(
                (byte) (transA ? 'T' : 'N'),
                (byte) (transB ? 'T' : 'N'),
                m,
                n,
                k,
                alpha,
                p.a(a.address(aAt)),
                lda,
                p.b(b.address(bAt)),
                ldb,
                beta,
                p.c(c.address(cAt)),
                ldc);
        Reference.reachabilityFence(a);
        Reference.reachabilityFence(b);
        Reference.reachabilityFence(c);
        OneDnn.check(status, "sgemm");
    }
}
