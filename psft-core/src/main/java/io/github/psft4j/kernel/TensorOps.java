package io.github.psft4j.kernel;

import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The tensor operations that a decoder and its training step are made of, forward and backward, by family.
 *
 * <p>Two complete forms exist and give the same results (1e-5 relative in FLOAT). One computes FLOAT on the CPU by
 * strided single-threaded BLAS and short Java loops on a {@link WorkerPool}. The other uses ND4J operations only, for
 * any floating-point type on any backend. {@code TensorOpsFactory} chooses one per data type and says which in the log.
 * A form from another jar may have a few families only (see {@link KernelProvider}).
 *
 * <p>All arrays are dense and row-major ('c'), whole or a contiguous view. {@code n} is the number of token rows,
 * {@code B*T}, sequence-major: row {@code b*T + t}. Linear weights are {@code [out, in]}, as Hugging Face stores them.
 * An output never overlaps an input unless the method says "in place".
 */
public final class TensorOps {

    private final KernelForm form;
    private KernelForm rest; // serves the families that the form lacks; null if it has all
    private final Products products;
    private final Norms norms;
    private final Activations activations;
    private final Attention attention;
    private final CachedAttention cachedAttention;
    private final VocabularySoftmax softmax;
    private final Vectors vectors;

    /** Operations of a form that has all families. */
    public TensorOps(KernelForm form) {
        this(form, () -> {
            throw new IllegalArgumentException(form.name() + " lacks a family, and no other form serves it");
        });
    }

    /**
     * Operations of a form that may lack some families.
     *
     * @param others makes a form that has all families, for those that are missing; not called if none is
     */
    public TensorOps(KernelForm form, Supplier<KernelForm> others) {
        this.form = form;
        this.products = family(KernelForm::products, others);
        this.norms = family(KernelForm::norms, others);
        this.activations = family(KernelForm::activations, others);
        this.attention = family(KernelForm::attention, others);
        this.cachedAttention = family(KernelForm::cachedAttention, others);
        this.softmax = family(KernelForm::softmax, others);
        this.vectors = family(KernelForm::vectors, others);
    }

    private <F> F family(Function<KernelForm, F> kind, Supplier<KernelForm> others) {
        F own = kind.apply(form);
        if (own == null && rest == null) {
            rest = others.get();
        }
        return own == null ? kind.apply(rest) : own;
    }

    /** The form that was chosen. */
    public KernelForm form() {
        return form;
    }

    /** Name of the form, and of the one that serves what it lacks, for the log and the manifest of a run. */
    public String name() {
        return rest == null ? form.name() : form.name() + "; other families: " + rest.name();
    }

    /** Products of linear layers. */
    public Products products() {
        return products;
    }

    /** Norms of rows and of heads. */
    public Norms norms() {
        return norms;
    }

    /** Non-linearities of feed-forward layers. */
    public Activations activations() {
        return activations;
    }

    /** Attention of training and scoring. */
    public Attention attention() {
        return attention;
    }

    /** Attention of generation. */
    public CachedAttention cachedAttention() {
        return cachedAttention;
    }

    /** Softmax of the vocabulary. */
    public VocabularySoftmax softmax() {
        return softmax;
    }

    /** Rows and whole vectors. */
    public Vectors vectors() {
        return vectors;
    }

    /** These operations without threads of their own: several threads may use one such object each at the same time. */
    public TensorOps serial() {
        return with(KernelForm::serial);
    }

    /** {@link KernelForm#batchInvariant} of these operations: a sampler gets the bits that a trainer has. */
    public TensorOps batchInvariant() {
        return with(KernelForm::batchInvariant);
    }

    private TensorOps with(UnaryOperator<KernelForm> change) {
        KernelForm changed = change.apply(form);
        if (rest == null) {
            return changed == form ? this : new TensorOps(changed);
        }
        return new TensorOps(changed, () -> change.apply(rest));
    }

    /** An empty cache for work that uses the same arrays again and again. */
    public HandleCache handleCache() {
        return form.handleCache();
    }
}
