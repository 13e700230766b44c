package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.Activations;
import io.github.psft4j.kernel.Attention;
import io.github.psft4j.kernel.CachedAttention;
import io.github.psft4j.kernel.HandleCache;
import io.github.psft4j.kernel.KernelForm;
import io.github.psft4j.kernel.NativeThreads;
import io.github.psft4j.kernel.Norms;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.Vectors;
import io.github.psft4j.kernel.VocabularySoftmax;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.gemm.Gemm;
import io.github.psft4j.kernel.cpu.gemm.GemmChoice;
import io.github.psft4j.kernel.cpu.gemm.OneDnn;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.RowMathFactory;
import java.util.IdentityHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The float form for CPUs. Each worker computes matrix products on its own rows by a single-threaded library, which is
 * faster than the library's own threads. The row kernels are loops in Java ({@link RowMath}).
 *
 * <p>Creating it reserves the processors for the {@link WorkerPool}: OpenBLAS and ND4J's OpenMP loops are set to one
 * thread. OpenMP workers spin after every operation and compete with the pool for the cores.
 * {@code TensorOpsFactory.close()} restores the threads.
 */
public record CpuForm(WorkerPool pool, Gemm gemm, Precision precision, RowMath math, boolean isBatchInvariant)
        implements KernelForm {

    /** Takes the processors, as the class says. */
    public CpuForm {
        NativeThreads.tame();
    }

    /** Operations that run on the given pool in float, by the fastest products that this process has. */
    public CpuForm(WorkerPool pool) {
        this(pool, GemmChoice.of("auto"), Precision.F32);
    }

    /** Operations whose linear layers have the given precision; the products of attention are in float either way. */
    public CpuForm(WorkerPool pool, Gemm gemm, Precision precision) {
        this(pool, gemm, precision, RowMathFactory.shared());
    }

    /** The same by given loops over rows. */
    public CpuForm(WorkerPool pool, Gemm gemm, Precision precision, RowMath math) {
        this(pool, gemm, precision, math, false);
    }

    @Override
    public String name() {
        String products = switch (precision) {
            case F32 -> gemm.name();
            case BF16 -> roundsBoth() ? "oneDNN bf16" : "bf16 weights, products in f32, " + gemm.name();
            case INT8 -> "int8 weights, " + gemm.name();
        };
        return "cpu-float, " + products + " x " + pool.workers() + " workers, " + math.name();
    }

    @Override
    public Products products() {
        return switch (precision) {
            case F32 -> inFloat(isBatchInvariant);
            case BF16 -> roundsBoth() ? new Bf16Products(pool) : new Bf16WeightProducts(inFloat(false));
            case INT8 -> new Int8Products(pool, gemm, math);
        };
    }

    private Products inFloat(boolean batchInvariant) {
        return new CpuProducts(pool, gemm, math, batchInvariant);
    }

    /** Whether products in bfloat16 are faster here than in float. */
    private static boolean roundsBoth() {
        return OneDnn.status().bf16Problem() == null;
    }

    @Override
    public Norms norms() {
        return new CpuNorms(pool, math);
    }

    @Override
    public Activations activations() {
        return new CpuActivations(pool, math);
    }

    @Override
    public Attention attention() {
        return new CpuAttention(pool, gemm, math);
    }

    @Override
    public CachedAttention cachedAttention() {
        return new CpuCachedAttention(new CpuAttention(pool, gemm, math), math.cachedHeads());
    }

    @Override
    public VocabularySoftmax softmax() {
        return new CpuSoftmax(pool, math);
    }

    @Override
    public Vectors vectors() {
        return new CpuVectors(pool, math);
    }

    @Override
    public KernelForm serial() {
        return new CpuForm(new WorkerPool(1), gemm, precision, math, isBatchInvariant);
    }

    /** In float alone: a form that converts weights is itself, so that it keeps those that it has converted. */
    @Override
    public KernelForm batchInvariant() {
        return isBatchInvariant || precision != Precision.F32 ? this : new CpuForm(pool, gemm, precision, math, true);
    }

    @Override
    public HandleCache handleCache() {
        Map<INDArray, Object> handles = new IdentityHashMap<>();
        return work -> FloatMemory.keeping(handles, work);
    }
}
