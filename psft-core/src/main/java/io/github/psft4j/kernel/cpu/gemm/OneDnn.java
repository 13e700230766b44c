package io.github.psft4j.kernel.cpu.gemm;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx2;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_amx;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.presets.openblas_nolapack.SetNumThreads;

/**
 * Whether oneDNN can be used in this process and what it may do there; every class that calls oneDNN asks this one
 * first.
 */
public final class OneDnn {

    /**
     * What was found.
     *
     * @param problem why it cannot be used at all, null if it can
     * @param bf16Problem why bfloat16 products cannot be used or would not be faster, null if they can
     * @param isa instruction set that its kernels use
     * @param amx whether bfloat16 products run on tiles of AMX
     */
    public record Status(String problem, String bf16Problem, String isa, boolean amx) {

        private static Status of(String bf16Problem, String isa) {
            return new Status(null, bf16Problem, isa, false);
        }

        private static Status absent(String problem) {
            return new Status(problem, problem, "none", false);
        }
    }

    private static final class Probe {
        static final Status STATUS = probe();
    }

    private OneDnn() {}

    public static Status status() {
        return Probe.STATUS;
    }

    private static Status probe() {
        try {
            Loader.load(dnnl.class);
            if (omp() == null) {
                return Status.absent(
                        "the OpenMP library of oneDNN has no omp_set_num_threads, without which its threads"
                                + " cannot be kept to one");
            }
            return of(dnnl_get_effective_cpu_isa());
        } catch (LinkageError e) { // the jar or its natives are not on the class path, or not for this system
            return Status.absent(
                    "org.bytedeco:dnnl with the natives of this system is not on the class path (" + e + ")");
        }
    }

    /** What oneDNN can do with this set of instructions, one of its dnnl_cpu_isa constants. */
    static Status of(int isa) {
        if (has(isa, dnnl_cpu_isa_avx512_core_amx)) {
            return new Status(null, null, "AVX512-AMX", true);
        }
        if (has(isa, dnnl_cpu_isa_avx512_core_bf16)) {
            return Status.of(null, "AVX512-BF16");
        }
        if (has(isa, dnnl_cpu_isa_avx512_core)) {
            return Status.of(
                    "this CPU has AVX-512 but no bfloat16 instructions (AVX512-BF16, AMX),"
                            + " so products would be slower than in F32",
                    "AVX-512");
        }
        if (has(isa, dnnl_cpu_isa_avx2)) {
            return Status.of("this CPU has no bfloat16 instructions (AVX512-BF16, AMX)", "AVX2");
        }
        return Status.absent("this CPU has no AVX2");
    }

    private static boolean has(int isa, int wanted) {
        return (isa & wanted) == wanted;
    }

    /** Keeps oneDNN's OpenMP loops on the calling thread; a setting per thread in OpenMP. */
    static void oneThreadHere() {
        new OmpThreads(omp()).call(1);
    }

    private static Pointer omp() {
        return Loader.addressof("omp_set_num_threads");
    }

    /**
     * {@code omp_set_num_threads} through the function type that JavaCPP's OpenBLAS has compiled in for its own use.
     */
    private static final class OmpThreads extends SetNumThreads {
        OmpThreads(Pointer function) {
            super();
            put(function);
        }
    }

    static void check(int status, String call) {
        if (status != dnnl_success) {
            throw new IllegalStateException("oneDNN: " + call + " failed with status " + status);
        }
    }
}
