package io.github.psft4j.kernel.choose;

import io.github.psft4j.kernel.KernelForm;
import io.github.psft4j.kernel.KernelProvider;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.nd4j.Nd4jForm;
import io.github.psft4j.kernel.nd4j.split.SplitForm;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's operations for FLOAT and DOUBLE on any backend: {@link SplitForm} on a CPU, {@link Nd4jForm} elsewhere. */
final class Nd4jProvider implements KernelProvider {

    @Override
    public String name() {
        return "portable";
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public String problem(DataType type, Precision precision) {
        return precision != Precision.F32
                ? "it is a form of the CPU kernels, and " + form(Precision.F32).name() + " is in use"
                : null;
    }

    /** A single worker shares no slices, so ND4J may then use threads of its own. */
    @Override
    public KernelForm form(Precision precision) {
        boolean split = Nd4j.getEnvironment().isCPU() && WorkerPool.shared().workers() > 1;
        return split ? new SplitForm(WorkerPool.shared()) : new Nd4jForm();
    }
}
