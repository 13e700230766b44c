package io.github.psft4j.kernel.nd4j.split;

import static io.github.psft4j.kernel.nd4j.split.RowSplit.elements;
import static io.github.psft4j.kernel.nd4j.split.RowSplit.slice;

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
        split.perWorker(y, row.length(), (i, from, to) -> whole.addRow(row, slice(y, row.length(), from, to)));
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
                (from, to, partial, none) -> whole.sumRows(slice(dy, sums.length(), from, to), partial));
    }

    @Override
    public void copy(INDArray x, INDArray y) {
        split.perWorker(x, 1, (i, from, to) -> whole.copy(elements(x, from, to), elements(y, from, to)));
    }

    @Override
    public void add(INDArray x, INDArray y) {
        split.perWorker(x, 1, (i, from, to) -> whole.add(elements(x, from, to), elements(y, from, to)));
    }

    @Override
    public double sumOfSquares(INDArray x) {
        double[] sums = new double[split.countPerWorker(x.length(), 1)];
        split.perWorker(x, 1, (i, from, to) -> sums[i] = whole.sumOfSquares(elements(x, from, to)));
        return Arrays.stream(sums).sum();
    }

    @Override
    public void adamW(
            INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step) {
        split.perCache(
                weights,
                1,
                (i, from, to) -> whole.adamW(
                        elements(weights, from, to),
                        elements(gradient, from, to),
                        elements(firstMoment, from, to),
                        elements(secondMoment, from, to),
                        step));
    }

    @Override
    public void read(INDArray x, long from, float[] out, int n) {
        whole.read(x, from, out, n);
    }
}
