package io.github.psft4j.kernel;

import static org.bytedeco.openblas.global.openblas.blas_get_num_threads;
import static org.bytedeco.openblas.global.openblas.blas_set_num_threads;

import org.nd4j.linalg.factory.Environment;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The threads of OpenBLAS and of ND4J's OpenMP loops, set to one each while a {@link WorkerPool} has the processors.
 * OpenMP workers spin after every operation and compete with the pool for the cores. ND4J 1.0.0-M2.1 has a second
 * setting, {@code setMaxThreads}, which does nothing on the CPU.
 */
public final class NativeThreads {

    private static boolean tamed;
    private static int masterThreads;
    private static int blasThreads;

    private NativeThreads() {}

    /** One thread each from now on; what they had is remembered. */
    public static synchronized void tame() {
        if (tamed) {
            return;
        }
        Environment nd4j = Nd4j.getEnvironment();
        masterThreads = nd4j.maxMasterThreads();
        blasThreads = blas_get_num_threads();
        nd4j.setMaxMasterThreads(1);
        blas_set_num_threads(1);
        tamed = true;
    }

    /** Restores the threads that {@link #tame} took. */
    public static synchronized void restore() {
        if (!tamed) {
            return;
        }
        Nd4j.getEnvironment().setMaxMasterThreads(masterThreads);
        blas_set_num_threads(blasThreads);
        tamed = false;
    }
}
