package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AdamWStep;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.AdamWFactors;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Operations of {@link CpuForm} on whole flat vectors, such as all parameters at once, in blocks. */
final class CpuVectors {

    /** Floats per block: with its partners, five of them, it stays in the first-level cache. */
    private static final int BLOCK = 1024;

    /** Blocks that share one partial sum. */
    private static final int BLOCKS_PER_SUM = 64;

    private final WorkerPool pool;
    private final RowMath rows;

    CpuVectors(WorkerPool pool, RowMath rows) {
        this.pool = pool;
        this.rows = rows;
    }

    void copy(INDArray x, INDArray y) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        blocks(x.length(), (scratch, at, m) -> {
            float[] a = scratch.array(0, BLOCK);
            xs.get(at, a, m);
            ys.put(at, a, m);
        });
    }

    void add(INDArray x, INDArray y) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        blocks(x.length(), (scratch, at, m) -> {
            float[] a = scratch.array(0, BLOCK);
            float[] b = scratch.array(1, BLOCK);
            xs.get(at, a, m);
            ys.get(at, b, m);
            rows.add(a, b, m);
            ys.put(at, b, m);
        });
    }

    /** Partial sums belong to a part of the vector, not to a worker, so that the result does not depend on the number of threads. */
    double sumOfSquares(INDArray x) {
        FloatMemory xs = FloatMemory.of(x);
        long length = x.length();
        long width = (long) BLOCK * BLOCKS_PER_SUM;
        double[] partial = new double[(int) ((length + width - 1) / width)];
        pool.share(partial.length, (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] a = scratch.array(0, BLOCK);
            for (int i = from; i < to; i++) {
                long end = Math.min(length, (i + 1) * width);
                for (long at = i * width; at < end; at += BLOCK) {
                    int m = (int) Math.min(BLOCK, end - at);
                    xs.get(at, a, m);
                    partial[i] += rows.dot(a, a, m);
                }
            }
        });
        double sum = 0;
        for (double p : partial) {
            sum += p;
        }
        return sum;
    }

    void adamW(INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step) {
        FloatMemory w = FloatMemory.of(weights);
        FloatMemory g = FloatMemory.of(gradient);
        FloatMemory m1 = FloatMemory.of(firstMoment);
        FloatMemory m2 = FloatMemory.of(secondMoment);
        AdamWFactors factors = AdamWFactors.of(step);
        blocks(weights.length(), (scratch, at, n) -> {
            float[] ws = scratch.array(0, BLOCK);
            float[] gs = scratch.array(1, BLOCK);
            float[] ms = scratch.array(2, BLOCK);
            float[] vs = scratch.array(3, BLOCK);
            w.get(at, ws, n);
            g.get(at, gs, n);
            m1.get(at, ms, n);
            m2.get(at, vs, n);
            rows.adamW(ws, gs, ms, vs, n, factors);
            w.put(at, ws, n);
            m1.put(at, ms, n);
            m2.put(at, vs, n);
        });
    }

    /** A block of a flat vector: elements [at, at + n). */
    private interface Block {
        void run(ThreadScratch scratch, long at, int n);
    }

    private void blocks(long length, Block work) {
        int count = Math.toIntExact((length + BLOCK - 1) / BLOCK);
        pool.share(count, (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            for (int i = from; i < to; i++) {
                long at = (long) i * BLOCK;
                work.run(scratch, at, (int) Math.min(BLOCK, length - at));
            }
        });
    }
}
