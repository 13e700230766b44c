package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Lookup and bias rows of {@link CpuForm}: a row is copied to a Java array, worked on and copied back. */
final class CpuRowOps {

    private final WorkerPool pool;
    private final RowMath rows;

    CpuRowOps(WorkerPool pool, RowMath rows) {
        this.pool = pool;
        this.rows = rows;
    }

    void gather(INDArray table, int[] ids, INDArray out) {
        FloatMemory e = FloatMemory.of(table);
        FloatMemory o = FloatMemory.of(out);
        int d = (int) table.size(1);
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
    void scatterAdd(INDArray dy, int[] ids, INDArray dTable) {
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

    /** {@code y[i] += row}. */
    void addRow(INDArray row, INDArray y) {
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

    /** Every worker owns a range of columns, so that the order of the additions does not depend on the number of workers. */
    void sumRows(INDArray dy, INDArray sums) {
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
}
