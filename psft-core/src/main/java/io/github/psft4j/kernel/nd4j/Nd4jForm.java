package io.github.psft4j.kernel.nd4j;

import io.github.psft4j.kernel.Activations;
import io.github.psft4j.kernel.Attention;
import io.github.psft4j.kernel.CachedAttention;
import io.github.psft4j.kernel.KernelForm;
import io.github.psft4j.kernel.Norms;
import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.Vectors;
import io.github.psft4j.kernel.VocabularySoftmax;

/**
 * The reference form: ND4J operations only, so it runs in FLOAT and DOUBLE on any backend, a GPU included. In DOUBLE it
 * is exact to about 1e-12, which the gradient checks of the whole network rest on.
 *
 * <p>It keeps no state between calls but the memory of its {@link Nd4jTemporaries}, so it may be called from any thread
 * and inside any workspace.
 */
public record Nd4jForm(
        Products products,
        Norms norms,
        Activations activations,
        Attention attention,
        CachedAttention cachedAttention,
        VocabularySoftmax softmax,
        Vectors vectors)
        implements KernelForm {

    /*
     * Forms that look roundabout are the ones ND4J 1.0.0-M2.1 runs fast:
     * - products write the transpose of their output, because BLAS and Nd4j.gemm are column-major ('f');
     * - sums over rows or columns are products of a matrix with a vector of ones: many times faster than sum(), and ten
     *   times closer in FLOAT;
     * - a column factor is applied in place after a copy: BroadcastMulOp along dimension 0 takes 80 times as long;
     * - strided halves and heads are first copied into dense arrays, where every operation vectorises; reading them as
     *   a permuted whole is faster than one narrow view at a time, writing is the other way round.
     */

    /** All families. */
    public Nd4jForm() {
        this(
                new Nd4jProducts(),
                new Nd4jNorms(),
                new Nd4jActivations(),
                new Nd4jAttention(),
                new Nd4jCachedAttention(),
                new Nd4jSoftmax(),
                new Nd4jVectors());
    }

    @Override
    public String name() {
        return "portable, ND4J operations";
    }
}
