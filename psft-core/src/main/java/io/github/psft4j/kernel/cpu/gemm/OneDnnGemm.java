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
    public void run(int m, int n, int k, float alpha, Matrix a, Matrix b, float beta, Matrix c) {
        SINGLE.get();
        byte opA = (byte) (a.transposed ? 'T' : 'N');
        byte opB = (byte) (b.transposed ? 'T' : 'N');
        int status = dnnl.dnnl_sgemm(
                opA, opB, m, n, k, alpha, a.first, a.stride, b.first, b.stride, beta, c.first, c.stride);
        Matrix.release(a, b, c);
        OneDnn.check(status, "sgemm");
    }
}
