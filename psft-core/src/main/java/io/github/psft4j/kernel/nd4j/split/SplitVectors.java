package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.AdamWStep;
import io.github.psft4j.kernel.Vectors;
import io.github.psft4j.kernel.nd4j.split.RowSplit.Rows;
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
        Rows ys = new Rows(y, row.length());
        split.perWorker(y, row.length(), (i, from, to) -> whole.addRow(row, ys.of(from, to)));
    }

    @Override
    public void sumRows(INDArray dy, INDArray sums) {
        Rows dys = new Rows(dy, sums.length());
        long n = dys.count();
        SliceSums.run(
                split,
                split.countPerWorker(n, sums.length()),
                dy.dataType(),
                n,
                sums,
                null,
                (from, to, partial, none) -> whole.sumRows(dys.of(from, to), partial));
    }

    @Override
    public void copy(INDArray x, INDArray y) {
        Rows xs = new Rows(x);
        Rows ys = new Rows(y);
        split.perWorker(x, 1, (i, from, to) -> whole.copy(xs.flat(from, to), ys.flat(from, to)));
    }

    @Override
    public void add(INDArray x, INDArray y) {
        Rows xs = new Rows(x);
        Rows ys = new Rows(y);
        split.perWorker(x, 1, (i, from, to) -> whole.add(xs.flat(from, to), ys.flat(from, to)));
    }

    @Override
    public double sumOfSquares(INDArray x) {
        Rows xs = new Rows(x);
        double[] sums = new double[split.countPerWorker(x.length(), 1)];
        split.perWorker(x, 1, (i, from, to) -> sums[i] = whole.sumOfSquares(xs.flat(from, to)));
        return Arrays.stream(sums).sum();
    }

    @Override
    public void adamW(
            INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step) {
        Rows ws = new Rows(weights);
        Rows gs = new Rows(gradient);
        Rows ms = new Rows(firstMoment);
        Rows vs = new Rows(secondMoment);
        split.perCache(
                weights,
                1,
                (i, from, to) ->
                        whole.adamW(ws.flat(from, to), gs.flat(from, to), ms.flat(from, to), vs.flat(from, to), step));
    }

    @Override
    public void read(INDArray x, long from, float[] out, int n) {
        whole.read(x, from, out, n);
    }
}
