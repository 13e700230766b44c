package io.github.psft4j.kernel.cpu.gemm;

import org.bytedeco.dnnl.global.dnnl;

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
            int m,
            int n,
            int k,
            float alpha,
            Matrix<FloatMemory> a,
            Matrix<FloatMemory> b,
            float beta,
            Matrix<FloatMemory> c) {
        SINGLE.get();
        byte transA = (byte) (a.isTransposed() ? 'T' : 'N');
        byte transB = (byte) (b.isTransposed() ? 'T' : 'N');
        int status = dnnl.dnnl_sgemm(
                transA,
                transB,
                m,
                n,
                k,
                alpha,
                a.pointer(),
                a.stride(),
                b.pointer(),
                b.stride(),
                beta,
                c.pointer(),
                c.stride());
        a.release();
        b.release();
        c.release();
        OneDnn.check(status, "sgemm");
    }
}
