package io.github.psft4j.kernel.choose;

import io.github.psft4j.kernel.KernelForm;
import io.github.psft4j.kernel.KernelProvider;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.CpuForm;
import io.github.psft4j.kernel.cpu.gemm.GemmChoice;
import io.github.psft4j.kernel.cpu.gemm.OneDnn;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** {@link CpuForm} for FLOAT on ND4J's CPU backend. */
final class CpuProvider implements KernelProvider {

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public String problem(DataType type, Precision precision) {
        String problem = generationProblem(type, precision);
        return problem == null && precision == Precision.BF16 ? OneDnn.status().bf16Problem() : problem;
    }

    /** Weights in bfloat16 need no instructions: where there are none, products are in float. */
    @Override
    public String generationProblem(DataType type, Precision precision) {
        if (!Nd4j.getEnvironment().isCPU()) {
            return "needs ND4J's CPU backend, but "
                    + Nd4j.getBackend().getClass().getSimpleName() + " is loaded";
        }
        if (type != DataType.FLOAT) {
            return "computes in FLOAT, not in " + type;
        }
        return null;
    }

    @Override
    public KernelForm form(Precision precision) {
        String products = System.getProperty(GemmChoice.PRODUCTS_PROPERTY, "auto");
        return new CpuForm(WorkerPool.shared(), GemmChoice.of(products), precision);
    }
}
