package io.github.psft4j.kernel.cpu.gemm;

import io.github.psft4j.kernel.cpu.gemm.OneDnnCalls.Call;
import java.lang.ref.Reference;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_primitive;

/**
 * Products of bfloat16 matrices with float sums, and the conversion from float, by oneDNN on the calling thread alone.
 *
 * <p>A matmul primitive is made with dimensions that are given at run time. oneDNN takes its packing gemm kernel for
 * it. So no kernel is compiled for every length of a batch. Without AMX it is as fast as one made for its shape. With
 * AMX a kernel made for its shape is faster; products of {@link #BLOCK} rows, which come again and again, get one where
 * its sums have the same bits.
 */
public final class Bf16Gemm {

    /** Numbers that one conversion kernel takes at most; a power of two. */
    public static final int CONVERT_BLOCK = 1 << 16;

    /**
     * Rows that a caller should multiply at a time: large enough for full speed, small enough for the cache. With AMX a
     * kernel is compiled for products of so many rows.
     */
    public static final int BLOCK = 256;

    /**
     * Longest sum of a compiled block. Kernels cut longer ones, at places that depend on the number of rows; the last
     * bits of a row would depend on it, too. Sums of 1,152 are whole, sums of 1,536 are not (oneDNN 2.5.2).
     */
    private static final int WHOLE_SUM = 1024;

    /** The same if it is added to c: a longer one is added at its end, by the packing kernel from its beginning. */
    private static final int WHOLE_ADDED = 32;

    /** Descriptions of operands kept per thread; a training step uses some dozens. */
    private static final int KEPT_CALLS = 256;

    private static final ThreadLocal<Bf16Gemm> LOCAL = ThreadLocal.withInitial(Bf16Gemm::new);

    /** What decides the kernel. */
    private record Kind(boolean transA, boolean transB, float beta) {}

    /** What decides the descriptions of the operands, and the kernel where it is compiled for them. */
    private record Shape(Kind kind, int m, int n, int k, int strideA, int strideB, int strideC, boolean compiled) {}

    private final OneDnnCalls dnn = new OneDnnCalls();
    private final Map<Kind, dnnl_primitive> kernels = new HashMap<>();
    private final Call[] conversions = new Call[Integer.numberOfTrailingZeros(CONVERT_BLOCK) + 1]; // of 2^i numbers
    private final Map<Shape, Call> calls = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Shape, Call> eldest) {
            if (size() <= KEPT_CALLS) {
                return false;
            }
            eldest.getValue().close();
            if (eldest.getKey().compiled) {
                OneDnnCalls.destroy(eldest.getValue().primitive());
            }
            return true;
        }
    };

    private Bf16Gemm() {}

    /** The calling thread's own. */
    public static Bf16Gemm local() {
        return LOCAL.get();
    }

    /**
     * {@code c = a b + beta c} with a {@code [m, k]} and b {@code [k, n]} in bfloat16 and c {@code [m, n]} in float.
     * Beta = 0 overwrites c, which is not transposed. Releases the matrices.
     */
    public void run(int m, int n, int k, Matrix a, Matrix b, float beta, Matrix c) {
        run(m, n, k, a, b, beta, c, compiles(m, k, a, beta));
    }

    /** Whether a kernel that is compiled for the shape is faster and gives the bits of the packing one. */
    private static boolean compiles(int m, int k, Matrix a, float beta) {
        return OneDnn.status().amx() && m == BLOCK && !a.transposed && k <= (beta == 0 ? WHOLE_SUM : WHOLE_ADDED);
    }

    /**
     * The same with beta = 0, by a kernel that is compiled for this very shape. That takes some milliseconds once, and
     * pays for products of few columns that come again and again.
     */
    public void runCompiled(int m, int n, int k, Matrix a, Matrix b, Matrix c) {
        run(m, n, k, a, b, 0, c, true);
    }

    private void run(int m, int n, int k, Matrix a, Matrix b, float beta, Matrix c, boolean compiled) {
        Kind kind = new Kind(a.transposed, b.transposed, beta);
        Shape shape = new Shape(kind, m, n, k, a.stride, b.stride, c.stride, compiled);
        Call call = calls.computeIfAbsent(shape, this::describe);
        dnn.setAddress(call, 0, a.first.address());
        dnn.setAddress(call, 1, b.first.address());
        dnn.setAddress(call, 2, c.first.address());
        dnn.execute(call);
        Matrix.release(a, b, c);
    }

    private Call describe(Shape s) {
        Kind kind = s.kind;
        dnnl_memory_desc_t a = OneDnnCalls.bf16(s.m, s.k, s.strideA, kind.transA);
        dnnl_memory_desc_t b = OneDnnCalls.bf16(s.k, s.n, s.strideB, kind.transB);
        dnnl_memory_desc_t c = OneDnnCalls.floats(s.m, s.n, s.strideC);
        dnnl_primitive kernel = s.compiled
                ? dnn.matmul(a, b, c, kind.beta)
                : kernels.computeIfAbsent(kind, key -> dnn.matmul(key.transA, key.transB, key.beta));
        return dnn.matmulOf(kernel, a, b, c);
    }

    /** Rounds n floats to the nearest bfloat16, ties to even. */
    public void convert(FloatMemory from, long fromAt, Bf16Memory to, long toAt, long n) {
        if (n == 0) {
            return;
        }
        // Kernels exist for powers of two. The last one overlaps the numbers before it.
        int size = (int) Math.min(CONVERT_BLOCK, Long.highestOneBit(n));
        Call call = conversion(size);
        for (long done = 0; done < n; done += size) {
            long at = Math.min(done, n - size);
            dnn.setAddress(call, 0, from.address(fromAt + at));
            dnn.setAddress(call, 1, to.address(toAt + at));
            dnn.execute(call);
        }
        Reference.reachabilityFence(from);
        Reference.reachabilityFence(to);
    }

    private Call conversion(int size) {
        int slot = Integer.numberOfTrailingZeros(size);
        if (conversions[slot] == null) {
            conversions[slot] = dnn.conversion(size);
        }
        return conversions[slot];
    }
}
