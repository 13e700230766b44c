package io.github.psft4j.kernel.cpu.gemm;

import static io.github.psft4j.kernel.cpu.gemm.OneDnn.check;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_RUNTIME_DIM_VAL;
import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_matmul_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_init_by_strides;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_set_data_handle;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_sum;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_post_ops;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_reorder_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_default_flags;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_wait;

import java.lang.ref.Reference;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.const_dnnl_op_desc_t;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_matmul_desc_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;

/**
 * Products of bfloat16 operands with float sums, and the conversion from float, by oneDNN on the calling thread alone.
 *
 * <p>A matmul primitive is made with dimensions that are given at run time: such a one is as fast as one made for its shape
 * (oneDNN takes its packing gemm kernel for it) and does not have to be compiled anew for every length of a batch.
 */
public final class Bf16Gemm {

    /** Numbers that one conversion kernel takes at most; a power of two. */
    public static final int CONVERT_BLOCK = 1 << 16;

    /** Descriptions of operands kept per thread; a training step uses some dozens. */
    private static final int KEPT_CALLS = 256;

    private static final ThreadLocal<Bf16Gemm> LOCAL = ThreadLocal.withInitial(Bf16Gemm::new);

    /** What decides the kernel. */
    private record Kind(boolean transA, boolean transB, float beta) {}

    /** What decides the descriptions of the operands. */
    private record Shape(Kind kind, int m, int n, int k, int lda, int ldb, int ldc) {}

    /** A primitive with arguments whose addresses are set before every run. */
    private record Call(dnnl_primitive primitive, dnnl_memory[] operands, dnnl_exec_arg_t arguments) {}

    private final dnnl_engine engine = new dnnl_engine();
    private final dnnl_stream stream = new dnnl_stream();
    private final Map<Kind, dnnl_primitive> kernels = new HashMap<>();
    private final Call[] conversions = new Call[Integer.numberOfTrailingZeros(CONVERT_BLOCK) + 1]; // of 2^i numbers
    private final Map<Shape, Call> calls = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Shape, Call> eldest) {
            if (size() <= KEPT_CALLS) {
                return false;
            }
            for (dnnl_memory operand : eldest.getValue().operands()) {
                check(dnnl_memory_destroy(operand), "memory_destroy");
            }
            eldest.getValue().arguments().close();
            return true;
        }
    };

    private Bf16Gemm() {
        OneDnn.oneThreadHere();
        check(dnnl_engine_create(engine, dnnl_cpu, 0), "engine_create");
        check(dnnl_stream_create(stream, engine, dnnl_stream_default_flags), "stream_create");
    }

    /** The calling thread's own. */
    public static Bf16Gemm local() {
        return LOCAL.get();
    }

    /**
     * {@code C[m,n] = op(A) op(B) + beta C} with A and B in bfloat16, C in float, row-major; offsets and leading
     * dimensions in numbers.
     */
    public void run(
            boolean transA,
            boolean transB,
            int m,
            int n,
            int k,
            Bf16Memory a,
            long aAt,
            int lda,
            Bf16Memory b,
            long bAt,
            int ldb,
            float beta,
            FloatMemory c,
            long cAt,
            int ldc) {
        Call call = calls.computeIfAbsent(
                new Shape(new Kind(transA, transB, beta), m, n, k, lda, ldb, ldc), this::describe);
        execute(call, a.address(aAt), b.address(bAt), c.address(cAt));
        Reference.reachabilityFence(a);
        Reference.reachabilityFence(b);
        Reference.reachabilityFence(c);
    }

    /** Rounds n floats to the nearest bfloat16, ties to even. */
    public void convert(FloatMemory from, long fromAt, Bf16Memory to, long toAt, long n) {
        if (n == 0) {
            return;
        }
        // Kernels exist for powers of two; what remains is covered by one that overlaps the part before it.
        int size = (int) Math.min(CONVERT_BLOCK, Long.highestOneBit(n));
        for (long done = 0; done < n; done += size) {
            long at = Math.min(done, n - size);
            execute(conversion(size), from.address(fromAt + at), to.address(toAt + at), 0);
        }
        Reference.reachabilityFence(from);
        Reference.reachabilityFence(to);
    }

    private void execute(Call call, long first, long second, long third) {
        Operands pointers = Operands.local();
        dnnl_memory[] operands = call.operands();
        check(dnnl_memory_set_data_handle(operands[0], pointers.a(first)), "memory_set_data_handle");
        check(dnnl_memory_set_data_handle(operands[1], pointers.b(second)), "memory_set_data_handle");
        if (operands.length > 2) {
            check(dnnl_memory_set_data_handle(operands[2], pointers.c(third)), "memory_set_data_handle");
        }
        check(dnnl_primitive_execute(call.primitive(), stream, operands.length, call.arguments()), "primitive_execute");
        check(dnnl_stream_wait(stream), "stream_wait");
    }

    // ---- making

    private Call describe(Shape s) {
        Kind kind = s.kind();
        dnnl_primitive kernel = kernels.computeIfAbsent(kind, this::kernel);
        return call(
                kernel,
                new int[] {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
                matrix(dnnl_bf16, s.m(), s.k(), s.lda(), kind.transA()),
                matrix(dnnl_bf16, s.k(), s.n(), s.ldb(), kind.transB()),
                matrix(dnnl_f32, s.m(), s.n(), s.ldc(), false));
    }

    private dnnl_primitive kernel(Kind kind) {
        long any = DNNL_RUNTIME_DIM_VAL;
        dnnl_primitive_attr attributes = new dnnl_primitive_attr();
        check(dnnl_primitive_attr_create(attributes), "primitive_attr_create");
        if (kind.beta() != 0) {
            dnnl_post_ops ops = new dnnl_post_ops();
            check(dnnl_post_ops_create(ops), "post_ops_create");
            check(dnnl_post_ops_append_sum(ops, kind.beta()), "post_ops_append_sum");
            check(dnnl_primitive_attr_set_post_ops(attributes, ops), "primitive_attr_set_post_ops");
            check(dnnl_post_ops_destroy(ops), "post_ops_destroy");
        }
        dnnl_matmul_desc_t matmul = new dnnl_matmul_desc_t();
        check(
                dnnl_matmul_desc_init(
                        matmul,
                        matrix(dnnl_bf16, any, any, any, kind.transA()),
                        matrix(dnnl_bf16, any, any, any, kind.transB()),
                        null,
                        matrix(dnnl_f32, any, any, any, false)),
                "matmul_desc_init");
        dnnl_primitive_desc description = new dnnl_primitive_desc();
        check(
                dnnl_primitive_desc_create(description, new const_dnnl_op_desc_t(matmul), attributes, engine, null),
                "primitive_desc_create of a bfloat16 matmul");
        check(dnnl_primitive_attr_destroy(attributes), "primitive_attr_destroy");
        return primitive(description);
    }

    private Call conversion(int n) {
        int slot = Integer.numberOfTrailingZeros(n);
        if (conversions[slot] == null) {
            dnnl_memory_desc_t from = vector(dnnl_f32, n);
            dnnl_memory_desc_t to = vector(dnnl_bf16, n);
            dnnl_primitive_desc description = new dnnl_primitive_desc();
            check(
                    dnnl_reorder_primitive_desc_create(description, from, engine, to, engine, null),
                    "reorder_primitive_desc_create");
            conversions[slot] = call(primitive(description), new int[] {DNNL_ARG_FROM, DNNL_ARG_TO}, from, to);
        }
        return conversions[slot];
    }

    private static dnnl_primitive primitive(dnnl_primitive_desc description) {
        dnnl_primitive primitive = new dnnl_primitive();
        check(dnnl_primitive_create(primitive, description), "primitive_create");
        check(dnnl_primitive_desc_destroy(description), "primitive_desc_destroy");
        return primitive;
    }

    private Call call(dnnl_primitive primitive, int[] ids, dnnl_memory_desc_t... shapes) {
        dnnl_memory[] operands = new dnnl_memory[ids.length];
        dnnl_exec_arg_t arguments = new dnnl_exec_arg_t(ids.length);
        for (int i = 0; i < ids.length; i++) {
            operands[i] = new dnnl_memory();
            check(dnnl_memory_create(operands[i], shapes[i], engine, null), "memory_create");
            arguments.position(i).arg(ids[i]).memory(operands[i]);
        }
        return new Call(primitive, operands, arguments.position(0));
    }

    /** {@code [rows, cols]} as the product sees it, stored row-major, or transposed and then row-major. */
    private static dnnl_memory_desc_t matrix(int type, long rows, long cols, long stride, boolean transposed) {
        return described(type, new long[] {rows, cols}, transposed ? new long[] {1, stride} : new long[] {stride, 1});
    }

    private static dnnl_memory_desc_t vector(int type, long n) {
        return described(type, new long[] {n}, new long[] {1});
    }

    private static dnnl_memory_desc_t described(int type, long[] sizes, long[] strides) {
        dnnl_memory_desc_t description = new dnnl_memory_desc_t();
        check(
                dnnl_memory_desc_init_by_strides(description, sizes.length, sizes, type, strides),
                "memory_desc_init_by_strides");
        return description;
    }
}
