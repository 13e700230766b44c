package io.github.psft4j.kernel.cpu.gemm;

import static io.github.psft4j.kernel.cpu.gemm.OneDnn.check;

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
import org.bytedeco.dnnl.global.dnnl;

/** The native calls of {@link Bf16Gemm}, each with its status checked. One object per thread. */
final class OneDnnCalls {

    private static final long ANY = dnnl.DNNL_RUNTIME_DIM_VAL;

    private final dnnl_engine engine = new dnnl_engine();
    private final dnnl_stream stream = new dnnl_stream();
    private final ForeignFloats pointer = new ForeignFloats();

    OneDnnCalls() {
        OneDnn.oneThreadHere();
        check(dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0), "engine_create");
        check(dnnl.dnnl_stream_create(stream, engine, dnnl.dnnl_stream_default_flags), "stream_create");
    }

    /** A primitive with operands whose addresses are set before every run. */
    record Call(dnnl_primitive primitive, dnnl_memory[] operands, dnnl_exec_arg_t arguments) {

        void close() {
            for (dnnl_memory operand : operands) {
                check(dnnl.dnnl_memory_destroy(operand), "memory_destroy");
            }
            arguments.close();
        }
    }

    void setAddress(Call call, int operand, long address) {
        check(dnnl.dnnl_memory_set_data_handle(call.operands[operand], pointer.at(address)), "memory_set_data_handle");
    }

    void execute(Call call) {
        int status = dnnl.dnnl_primitive_execute(call.primitive, stream, call.operands.length, call.arguments);
        check(status, "primitive_execute");
        check(dnnl.dnnl_stream_wait(stream), "stream_wait");
    }

    /** A product of bfloat16 matrices of any shape, {@code c = a b + beta c} with c in float. */
    dnnl_primitive matmul(boolean transA, boolean transB, float beta) {
        return matmul(bf16(ANY, ANY, ANY, transA), bf16(ANY, ANY, ANY, transB), floats(ANY, ANY, ANY), beta);
    }

    /** A product of operands of these shapes. */
    dnnl_primitive matmul(dnnl_memory_desc_t a, dnnl_memory_desc_t b, dnnl_memory_desc_t c, float beta) {
        dnnl_primitive_attr attributes = new dnnl_primitive_attr();
        check(dnnl.dnnl_primitive_attr_create(attributes), "primitive_attr_create");
        if (beta != 0) {
            dnnl_post_ops ops = new dnnl_post_ops();
            check(dnnl.dnnl_post_ops_create(ops), "post_ops_create");
            check(dnnl.dnnl_post_ops_append_sum(ops, beta), "post_ops_append_sum");
            check(dnnl.dnnl_primitive_attr_set_post_ops(attributes, ops), "primitive_attr_set_post_ops");
            check(dnnl.dnnl_post_ops_destroy(ops), "post_ops_destroy");
        }
        dnnl_matmul_desc_t matmul = new dnnl_matmul_desc_t();
        check(dnnl.dnnl_matmul_desc_init(matmul, a, b, null, c), "matmul_desc_init");
        dnnl_primitive_desc description = new dnnl_primitive_desc();
        check(
                dnnl.dnnl_primitive_desc_create(
                        description, new const_dnnl_op_desc_t(matmul), attributes, engine, null),
                "primitive_desc_create of a bfloat16 matmul");
        check(dnnl.dnnl_primitive_attr_destroy(attributes), "primitive_attr_destroy");
        return primitive(description);
    }

    /** A product with operands of these shapes: a, b and c. */
    Call matmulOf(dnnl_primitive matmul, dnnl_memory_desc_t a, dnnl_memory_desc_t b, dnnl_memory_desc_t c) {
        return call(matmul, new int[] {dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_WEIGHTS, dnnl.DNNL_ARG_DST}, a, b, c);
    }

    /** The conversion of n floats to bfloat16. */
    Call conversion(int n) {
        dnnl_memory_desc_t from = described(dnnl.dnnl_f32, new long[] {n}, new long[] {1});
        dnnl_memory_desc_t to = described(dnnl.dnnl_bf16, new long[] {n}, new long[] {1});
        dnnl_primitive_desc description = new dnnl_primitive_desc();
        check(
                dnnl.dnnl_reorder_primitive_desc_create(description, from, engine, to, engine, null),
                "reorder_primitive_desc_create");
        return call(primitive(description), new int[] {dnnl.DNNL_ARG_FROM, dnnl.DNNL_ARG_TO}, from, to);
    }

    private static dnnl_primitive primitive(dnnl_primitive_desc description) {
        dnnl_primitive primitive = new dnnl_primitive();
        check(dnnl.dnnl_primitive_create(primitive, description), "primitive_create");
        check(dnnl.dnnl_primitive_desc_destroy(description), "primitive_desc_destroy");
        return primitive;
    }

    /** Frees a primitive that no call uses any more. */
    static void destroy(dnnl_primitive primitive) {
        check(dnnl.dnnl_primitive_destroy(primitive), "primitive_destroy");
    }

    private Call call(dnnl_primitive primitive, int[] ids, dnnl_memory_desc_t... shapes) {
        dnnl_memory[] operands = new dnnl_memory[ids.length];
        dnnl_exec_arg_t arguments = new dnnl_exec_arg_t(ids.length);
        for (int i = 0; i < ids.length; i++) {
            operands[i] = new dnnl_memory();
            check(dnnl.dnnl_memory_create(operands[i], shapes[i], engine, null), "memory_create");
            arguments.position(i).arg(ids[i]).memory(operands[i]);
        }
        return new Call(primitive, operands, arguments.position(0));
    }

    /** A row-major float matrix. */
    static dnnl_memory_desc_t floats(long rows, long columns, long stride) {
        return described(dnnl.dnnl_f32, new long[] {rows, columns}, new long[] {stride, 1});
    }

    /** A bfloat16 matrix {@code [rows, columns]}, row-major or the transpose of such a one. */
    static dnnl_memory_desc_t bf16(long rows, long columns, long stride, boolean transposed) {
        long[] strides = transposed ? new long[] {1, stride} : new long[] {stride, 1};
        return described(dnnl.dnnl_bf16, new long[] {rows, columns}, strides);
    }

    private static dnnl_memory_desc_t described(int type, long[] sizes, long[] strides) {
        dnnl_memory_desc_t description = new dnnl_memory_desc_t();
        check(
                dnnl.dnnl_memory_desc_init_by_strides(description, sizes.length, sizes, type, strides),
                "memory_desc_init_by_strides");
        return description;
    }
}
