package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AdamWStep;
import io.github.psft4j.kernel.Vectors;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.Bf16Array;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.AdamWFactors;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import io.github.psft4j.kernel.random.RowDropout;
import io.github.psft4j.kernel.random.StochasticRounding;
import java.lang.ref.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link Vectors} in float: a row or block is copied to a Java array, worked on and copied back. */
record CpuVectors(WorkerPool pool, RowMath rows) implements Vectors {

    private static final int BLOCK = Blocks.SIZE;

    /** Blocks that share one partial sum. */
    private static final int BLOCKS_PER_SUM = 64;

    @Override
    public void gatherRows(INDArray table, int[] ids, INDArray out) {
        FloatMemory o = FloatMemory.of(out);
        int d = (int) table.size(1);
        if (Bf16Array.is(table)) {
            Bf16Array narrow = Bf16Array.of(table);
            pool.share(ids.length, (from, to, id) -> {
                ThreadScratch scratch = ThreadScratch.local();
                for (int i = from; i < to; i++) {
                    o.put((long) i * d, scratch.widened(rows, narrow, (long) ids[i] * d, d), d);
                }
            });
            return;
        }
        FloatMemory e = FloatMemory.of(table);
        pool.share(ids.length, (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] row = scratch.array(0, d);
            for (int i = from; i < to; i++) {
                e.get((long) ids[i] * d, row, d);
                o.put((long) i * d, row, d);
            }
        });
    }

    /** Every worker owns a range of the table and reads all ids, so that no two add to one row. */
    @Override
    public void scatterAddRows(INDArray dy, int[] ids, INDArray dTable) {
        FloatMemory g = FloatMemory.of(dy);
        FloatMemory e = FloatMemory.of(dTable);
        int d = (int) dTable.size(1);
        pool.share((int) dTable.size(0), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] row = scratch.array(0, d);
            float[] sum = scratch.array(1, d);
            for (int i = 0; i < ids.length; i++) {
                if (ids[i] < from || ids[i] >= to) {
                    continue;
                }
                g.get((long) i * d, row, d);
                e.get((long) ids[i] * d, sum, d);
                rows.add(row, sum, d);
                e.put((long) ids[i] * d, sum, d);
            }
        });
    }

    @Override
    public void addRow(INDArray row, INDArray y) {
        FloatMemory ys = FloatMemory.of(y);
        int d = (int) row.length();
        float[] bias = ThreadScratch.local().array(ThreadScratch.SHARED, d);
        FloatMemory.of(row).get(0, bias, d);
        pool.share((int) (y.length() / d), (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] sum = scratch.array(0, d);
            for (int i = from; i < to; i++) {
                ys.get((long) i * d, sum, d);
                rows.add(bias, sum, d);
                ys.put((long) i * d, sum, d);
            }
        });
    }

    /**
     * Every worker owns a range of columns, so that the order of the additions does not depend on the number of
     * workers.
     */
    @Override
    public void sumRows(INDArray dy, INDArray sums) {
        FloatMemory g = FloatMemory.of(dy);
        FloatMemory out = FloatMemory.of(sums);
        int d = (int) sums.length();
        int n = (int) (dy.length() / d);
        pool.share(d, (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            float[] row = scratch.array(0, to - from);
            float[] sum = scratch.zeroed(1, to - from);
            for (int i = 0; i < n; i++) {
                g.get((long) i * d + from, row, to - from);
                rows.add(row, sum, to - from);
            }
            out.put(from, sum, to - from);
        });
    }

    @Override
    public void dropout(INDArray x, long[] seeds, double rate, INDArray out) {
        RowDropout dropout = new RowDropout(rate);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory os = FloatMemory.of(out);
        int d = Math.toIntExact(x.length() / seeds.length);
        pool.share(seeds.length, (from, to, id) -> {
            float[] row = ThreadScratch.local().array(0, d);
            for (int i = from; i < to; i++) {
                xs.get((long) i * d, row, d);
                dropout.apply(row, d, seeds[i]);
                os.put((long) i * d, row, d);
            }
        });
    }

    @Override
    public void copy(INDArray x, INDArray y) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        Blocks.run(pool, x.length(), (scratch, at, m) -> {
            float[] a = scratch.array(0, BLOCK);
            xs.get(at, a, m);
            ys.put(at, a, m);
        });
    }

    @Override
    public void add(INDArray x, INDArray y) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        Blocks.run(pool, x.length(), (scratch, at, m) -> {
            float[] a = scratch.array(0, BLOCK);
            float[] b = scratch.array(1, BLOCK);
            xs.get(at, a, m);
            ys.get(at, b, m);
            rows.add(a, b, m);
            ys.put(at, b, m);
        });
    }

    @Override
    public void scale(INDArray x, double factor) {
        FloatMemory xs = FloatMemory.of(x);
        Blocks.run(pool, x.length(), (scratch, at, m) -> {
            float[] a = scratch.array(0, BLOCK);
            xs.get(at, a, m);
            rows.scale(a, m, (float) factor);
            xs.put(at, a, m);
        });
    }

    @Override
    public void putColumns(INDArray x, double factor, INDArray y, long column) {
        scaledColumns(x, 0, factor, y, column, (int) x.size(1));
    }

    @Override
    public void takeColumns(INDArray y, long column, double factor, INDArray x) {
        scaledColumns(y, column, factor, x, 0, (int) x.size(1));
    }

    /** {@code to[:, toColumn + j] = factor * from[:, fromColumn + j]} for j below r. */
    private void scaledColumns(INDArray from, long fromColumn, double factor, INDArray to, long toColumn, int r) {
        FloatMemory read = FloatMemory.of(from);
        FloatMemory written = FloatMemory.of(to);
        long fromWidth = from.size(1);
        long toWidth = to.size(1);
        pool.share((int) from.size(0), (first, last, id) -> {
            float[] row = ThreadScratch.local().array(0, r);
            for (int i = first; i < last; i++) {
                read.get(i * fromWidth + fromColumn, row, r);
                rows.scale(row, r, (float) factor);
                written.put(i * toWidth + toColumn, row, r);
            }
        });
    }

    /**
     * Partial sums belong to a part of the vector, not to a worker, so that the result does not depend on the number of
     * threads.
     */
    @Override
    public double sumOfSquares(INDArray x) {
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

    @Override
    public void adamW(
            INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step) {
        FloatMemory w = FloatMemory.of(weights);
        FloatMemory g = FloatMemory.of(gradient);
        FloatMemory m1 = FloatMemory.of(firstMoment);
        FloatMemory m2 = FloatMemory.of(secondMoment);
        AdamWFactors factors = AdamWFactors.of(step);
        Blocks.run(pool, weights.length(), (scratch, at, n) -> {
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

    @Override
    public void adamW(
            INDArray weights,
            INDArray gradient,
            INDArray firstMoment,
            INDArray secondMoment,
            AdamWStep step,
            StochasticRounding rounding) {
        FloatMemory w = FloatMemory.of(weights);
        FloatMemory g = FloatMemory.of(gradient);
        HalfMemory m1 = HalfMemory.of(firstMoment);
        HalfMemory m2 = HalfMemory.of(secondMoment);
        AdamWFactors factors = AdamWFactors.of(step);
        Blocks.run(pool, weights.length(), (scratch, at, n) -> {
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
            m1.put(at, ms, n, rounding, 0);
            m2.put(at, vs, n, rounding, 16);
        });
        Reference.reachabilityFence(m1.owner());
        Reference.reachabilityFence(m2.owner());
    }

    @Override
    public void read(INDArray x, long from, float[] out, int n) {
        FloatMemory.of(x).get(from, out, n);
    }

    @Override
    public void exp(float[] x, int n) {
        rows.exp(x, x, n);
    }

    @Override
    public void eachRow(INDArray x, RowTask task) {
        FloatMemory memory = FloatMemory.of(x);
        int d = (int) x.size(1);
        pool.share((int) x.size(0), (from, to, id) -> {
            float[] row = ThreadScratch.local().array(0, d);
            for (int i = from; i < to; i++) {
                memory.get((long) i * d, row, d);
                task.run(i, row);
            }
        });
    }
}
