package io.github.psft4j.kernel.nd4j;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arrays that live as long as one operation of {@link Nd4jForm}. They, and all that ND4J allocates meanwhile on this
 * thread, lie in a workspace of the thread. It grows to the largest operation and is then reused.
 *
 * <p>The two other ways fail in ND4J 1.0.0-M2.1. Off-heap memory left to the garbage collector grows by gigabytes,
 * because a small Java heap is seldom collected. {@link INDArray#close} never frees the memory on the CPU.
 */
public final class Nd4jTemporaries implements AutoCloseable {

    private static final String WORKSPACE = "PSFT4J_PORTABLE_OPS";
    private static final WorkspaceConfiguration CONFIGURATION = WorkspaceConfiguration.builder()
            .policyLearning(LearningPolicy.FIRST_LOOP)
            .policySpill(SpillPolicy.REALLOCATE)
            .build();

    private final DataType type;
    private final MemoryWorkspace workspace;

    public Nd4jTemporaries(DataType type) {
        this(type, WORKSPACE);
    }

    /** Arrays in a workspace of another name, which outlive those of operations that run meanwhile. */
    public Nd4jTemporaries(DataType type, String workspace) {
        this.type = type;
        this.workspace = Nd4j.getWorkspaceManager().getAndActivateWorkspace(CONFIGURATION, workspace);
    }

    /** Dense row-major array with any content. */
    public INDArray empty(long... shape) {
        return Nd4j.createUninitialized(type, shape, 'c');
    }

    /** The values of a dense array of another type. */
    public INDArray cast(INDArray x) {
        return empty(x.shape()).assign(x);
    }

    /** Vector {@code [n]} of ones: a product with it sums rows faster and more exactly than ND4J's own reductions. */
    INDArray ones(long n) {
        return empty(n).assign(1);
    }

    /** Vector {@code [n]} with the given numbers, rounded to the data type. */
    INDArray vector(double[] values) {
        return Nd4j.createFromArray(values).castTo(type);
    }

    /** Vector {@code [n]} with the given numbers. */
    INDArray vector(float[] values) {
        return Nd4j.createFromArray(values).castTo(type);
    }

    @Override
    public void close() {
        workspace.close();
    }
}
