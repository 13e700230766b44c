package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.Attention;
import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.gemm.Gemm;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link Attention} in float, by tiles. */
final class CpuAttention implements Attention {

    final WorkerPool pool;
    final Gemm gemm;
    final RowMath math;

    CpuAttention(WorkerPool pool, Gemm gemm, RowMath math) {
        this.pool = pool;
        this.gemm = gemm;
        this.math = math;
    }

    @Override
    public void rotate(INDArray qkv, AttentionShape s, RotaryTable table, int firstPosition, boolean inverse) {
        table.check(s, firstPosition);
        FloatMemory mem = FloatMemory.of(qkv);
        int d = s.headDim();
        int half = d / 2;
        int rotated = s.heads() + s.kvHeads(); // queries, then keys
        float sign = inverse ? -1f : 1f;
        pool.share(s.rows(), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] row = scratch.array(0, rotated * d);
            for (int r = from; r < to; r++) {
                long at = (long) r * s.qkvWidth();
                int tableAt = (firstPosition + s.layout().position(r)) * half;
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
        CpuAttentionForward.run(this, qkv, s, out, logSumExp);
    }

    @Override
    public void grad(INDArray qkv, AttentionShape s, INDArray out, INDArray dOut, INDArray logSumExp, INDArray dqkv) {
        CpuAttentionBackward.run(this, qkv, s, out, dOut, logSumExp, dqkv);
    }
}
