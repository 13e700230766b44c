package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.Activations;
import io.github.psft4j.kernel.Attention;
import io.github.psft4j.kernel.CachedAttention;
import io.github.psft4j.kernel.KernelForm;
import io.github.psft4j.kernel.NativeThreads;
import io.github.psft4j.kernel.Norms;
import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.Vectors;
import io.github.psft4j.kernel.VocabularySoftmax;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.nd4j.Nd4jForm;

/**
 * {@link Nd4jForm} on ND4J's CPU backend, every operation split by rows. Each worker of a {@link WorkerPool} runs the
 * operation of {@link Nd4jForm} on views of its slices. OpenBLAS's and ND4J's own threads are set to one.
 *
 * <p>Called whole, every operation runs on two teams of threads in turn, OpenBLAS's and OpenMP's. They meet at a
 * barrier after each of the twenty or so passes of an activation, and each pass streams whole arrays through memory.
 * Here the workers meet once per operation, single-threaded products run in parallel, and a slice stays in the caches.
 *
 * <p>Results are those of {@link Nd4jForm}. Sums over rows are added slice by slice in the order of the rows, so that
 * they repeat for a given number of workers.
 *
 * @param split of the rows
 * @param serial computes a slice
 */
public record SplitForm(RowSplit split, Nd4jForm serial) implements KernelForm {

    /** Takes the processors, as the class says. */
    public SplitForm {
        NativeThreads.tame();
    }

    /**
     * Operations that share the pool's threads; sets OpenBLAS's and ND4J's own to one (see
     * {@code TensorOpsFactory.close}).
     */
    public SplitForm(WorkerPool pool) {
        this(new RowSplit(pool));
    }

    /** Operations with slices of another size. */
    public SplitForm(RowSplit split) {
        this(split, new Nd4jForm());
    }

    @Override
    public String name() {
        return "portable, ND4J operations on " + split.pool().workers() + " workers";
    }

    @Override
    public Products products() {
        return new SplitProducts(split, serial.products());
    }

    @Override
    public Norms norms() {
        return new SplitNorms(split, serial.norms());
    }

    @Override
    public Activations activations() {
        return new SplitActivations(split, serial.activations());
    }

    @Override
    public Attention attention() {
        return new SplitAttention(split, serial.attention());
    }

    @Override
    public CachedAttention cachedAttention() {
        return new SplitCachedAttention(split, serial.cachedAttention());
    }

    @Override
    public VocabularySoftmax softmax() {
        return new SplitSoftmax(split, serial.softmax());
    }

    @Override
    public Vectors vectors() {
        return new SplitVectors(split, serial.vectors());
    }
}
