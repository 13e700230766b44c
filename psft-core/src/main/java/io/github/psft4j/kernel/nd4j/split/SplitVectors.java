package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.AdamWStep;
import io.github.psft4j.kernel.Vectors;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link Vectors} of slices of rows or of the whole vector. */
record SplitVectors(RowSplit split, Vectors whole) implements Vectors {

    /** Not split: one copy. */
    @Override
    public void gatherRows(INDArray table, int[] ids, INDArray out) {
        whole.gatherRows(table, ids, out);
    }

    /** Not split: repeated ids would race. */
    @Override
    public void scatterAddRows(INDArray dy, int[] ids, INDArray dTable) {
        whole.scatterAddRows(dy, ids, dTable);
    }

    @Override
    public void addRow(INDArray row, INDArray y) {
        split.perWorker(y, row.length(), rows -> whole.addRow(row, rows.of(y, row.length())));
    }

    @Override
    public void sumRows(INDArray dy, INDArray sums) {
        long n = dy.length() / sums.length();
        SliceSums.run(
                split,
                split.countPerWorker(n, sums.length()),
                dy.dataType(),
                n,
                sums,
                null,
                (rows, partial, none) -> whole.sumRows(rows.of(dy, sums.length()), partial));
    }

    @Override
    public void copy(INDArray x, INDArray y) {
        split.perWorker(x, 1, rows -> whole.copy(rows.of(x), rows.of(y)));
    }

    @Override
    public void add(INDArray x, INDArray y) {
        split.perWorker(x, 1, rows -> whole.add(rows.of(x), rows.of(y)));
    }

    @Override
    public double sumOfSquares(INDArray x) {
        double[] sums = new double[split.countPerWorker(x.length(), 1)];
        split.perWorker(x, 1, rows -> sums[rows.number()] = whole.sumOfSquares(rows.of(x)));
        return Arrays.stream(sums).sum();
    }

    @Override
    public void adamW(
            INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step) {
        split.perCache(
                weights,
                1,
                rows -> whole.adamW(
                        rows.of(weights), rows.of(gradient), rows.of(firstMoment), rows.of(secondMoment), step));
    }

    @Override
    public void read(INDArray x, long from, float[] out, int n) {
        whole.read(x, from, out, n);
    }
}
