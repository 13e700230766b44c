package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.Attention;
import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.gemm.Gemm;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import java.util.function.IntUnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link Attention} in float, by tiles. */
record CpuAttention(WorkerPool pool, Gemm gemm, RowMath math) implements Attention {

    @Override
    public void rotate(INDArray qkv, AttentionShape s, RotaryTable table, int firstPosition, boolean inverse) {
        table.check(s, firstPosition);
        rotate(qkv, s, table, s.rows(), r -> firstPosition + s.layout().position(r), inverse ? -1f : 1f);
    }

    /** Rotates queries and keys of n fused rows {@code [n, (H + 2 KV) * d]} by the positions of the rows. */
    void rotate(INDArray qkv, AttentionShape s, RotaryTable table, int n, IntUnaryOperator positions, float sign) {
        FloatMemory mem = FloatMemory.of(qkv);
        int d = s.headDim();
        int half = d / 2;
        int rotated = s.heads() + s.kvHeads(); // queries, then keys
        pool.share(n, (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] row = scratch.array(0, rotated * d);
            for (int r = from; r < to; r++) {
                long at = (long) r * s.qkvWidth();
                int tableAt = positions.applyAsInt(r) * half;
                mem.get(at, row, rotated * d);
                for (int h = 0; h < rotated; h++) {
                    math.rotate(row, h * d, half, table.cos(), table.sin(), tableAt, sign);
                }
                mem.put(at, row, rotated * d);
            }
        });
    }

    @Override
    public void forward(INDArray qkv, AttentionShape s, INDArray out, INDArray logSumExp) {
        FloatMemory in = FloatMemory.of(qkv);
        FloatMemory o = FloatMemory.of(out);
        FloatMemory lse = FloatMemory.of(logSumExp);
        int workers = pool.workers();
        pool.run(worker -> {
            CpuAttentionForward forward = new CpuAttentionForward(this, s, in, o, lse);
            AttentionTiles.share(s, worker, workers, forward::head);
            AttentionRows.zeroPadding(s, o, s.outWidth(), worker, workers);
        });
    }

    @Override
    public void grad(INDArray qkv, AttentionShape s, INDArray out, INDArray dOut, INDArray logSumExp, INDArray dqkv) {
        FloatMemory in = FloatMemory.of(qkv);
        FloatMemory o = FloatMemory.of(out);
        FloatMemory dO = FloatMemory.of(dOut);
        FloatMemory lse = FloatMemory.of(logSumExp);
        FloatMemory dIn = FloatMemory.of(dqkv);
        int workers = pool.workers();
        CpuAttentionBackward[] passes = new CpuAttentionBackward[workers];
        pool.run(worker -> {
            passes[worker] = new CpuAttentionBackward(this, s, in, o, dO, lse, dIn);
            AttentionTiles.share(s, worker, workers, passes[worker]::head);
            AttentionRows.zeroPadding(s, dIn, s.qkvWidth(), worker, workers);
        });
        for (CpuAttentionBackward pass : passes) {
            pass.addPartial(pool);
        }
    }
}
