package io.github.psft4j.train.memory;

import io.github.psft4j.transformer.StepArrays;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.MemoryWorkspaceManager;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.ResetPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The workspaces that Deeplearning4j's training uses on this thread, made in their final size before the first step.
 *
 * <p>Left to itself, Deeplearning4j allocates every array of the first step on its own, frees them, and makes a
 * workspace that is 5 % larger. glibc keeps what was freed for a while, so that the activations lie in memory twice.
 * Larger steps than planned still work: the workspaces grow.
 */
public final class StepWorkspaces implements AutoCloseable {

    /** Deeplearning4j's names for what is kept until the backward pass, and for what a layer works with. */
    private static final String KEPT = "WS_ALL_LAYERS_ACT";

    private static final String WORKING = "WS_LAYER_WORKING_MEM";

    /** For inputs and labels of a pass, which lie there as well. */
    private static final long SMALL = 1 << 20;

    private final StepArrays arrays;
    private final List<MemoryWorkspace> made = new ArrayList<>();

    private StepWorkspaces(StepArrays arrays) {
        this.arrays = arrays;
    }

    /** Makes the workspaces of this thread; those that are in use stay as they are. */
    public static StepWorkspaces reserve(StepArrays arrays) {
        StepWorkspaces workspaces = new StepWorkspaces(arrays);
        workspaces.make();
        return workspaces;
    }

    /** Makes them again after {@link #close}. */
    public void make() {
        make(KEPT, arrays.kept() + SMALL);
        make(WORKING, arrays.working() + SMALL);
    }

    private void make(String id, long bytes) {
        MemoryWorkspaceManager manager = Nd4j.getWorkspaceManager();
        if (manager.checkIfWorkspaceExistsAndActive(id)) {
            return; // of a step that this training is a part of
        }
        destroy(id);
        made.add(manager.createNewWorkspace(
                WorkspaceConfiguration.builder()
                        .initialSize(bytes)
                        .policyAllocation(AllocationPolicy.STRICT)
                        .policyLearning(LearningPolicy.FIRST_LOOP)
                        .policyReset(ResetPolicy.BLOCK_LEFT)
                        .policySpill(SpillPolicy.REALLOCATE)
                        .build(),
                id));
    }

    private static void destroy(String id) {
        MemoryWorkspaceManager manager = Nd4j.getWorkspaceManager();
        if (manager.checkIfWorkspaceExists(id)) {
            manager.destroyWorkspace(manager.getWorkspaceForCurrentThread(id));
        }
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        made.forEach(workspace -> destroy(workspace.getId()));
        made.clear();
    }
}
