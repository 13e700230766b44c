package io.github.psft4j.kernel;

/**
 * One way to compute the tensor operations, such as loops on the CPU or operations of ND4J. It may have some families
 * only: null stands for a family that another form serves. {@link TensorOps} asks once for each.
 */
public interface KernelForm {

    /** Name for the log and the manifest of a run, such as {@code cpu-float}. */
    String name();

    /** Products of linear layers, or null. */
    default Products products() {
        return null;
    }

    /** Norms of rows and of heads, or null. */
    default Norms norms() {
        return null;
    }

    /** Non-linearities of feed-forward layers, or null. */
    default Activations activations() {
        return null;
    }

    /** Attention of training and scoring, or null. */
    default Attention attention() {
        return null;
    }

    /** Attention of generation, or null. */
    default CachedAttention cachedAttention() {
        return null;
    }

    /** Softmax of the vocabulary, or null. */
    default VocabularySoftmax softmax() {
        return null;
    }

    /** Rows and whole vectors, or null. */
    default Vectors vectors() {
        return null;
    }

    /** This form without threads of its own, so that several threads may use one such form each. */
    default KernelForm serial() {
        return this;
    }

    /**
     * This form with a forward pass whose rows do not depend on the rows beside them. By default, and where it cannot,
     * this form, with the converted weights that it holds. It may be slower where rows are few.
     */
    default KernelForm batchInvariant() {
        return this;
    }

    /** An empty cache; by default nothing is kept. */
    default HandleCache handleCache() {
        return Runnable::run;
    }
}
