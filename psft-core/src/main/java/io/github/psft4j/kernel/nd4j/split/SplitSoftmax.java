package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.RowGradient;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.VocabularySoftmax;
import io.github.psft4j.kernel.nd4j.Nd4jSoftmax;
import io.github.psft4j.kernel.nd4j.split.RowSplit.Rows;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link VocabularySoftmax} of slices of rows. Targets are checked before any slice is written. */
record SplitSoftmax(RowSplit split, VocabularySoftmax whole) implements VocabularySoftmax {

    @Override
    public void forward(INDArray logits, int[] targets, int firstRow, TokenStatistics out) {
        Nd4jSoftmax.checkTargets(targets, firstRow, logits.size(0), logits.size(1));
        Rows zs = new Rows(logits, logits.size(1));
        split.perCache(
                logits,
                logits.size(1),
                (i, from, to) -> whole.forward(zs.of(from, to), targets, firstRow + (int) from, out));
    }

    @Override
    public void grad(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
        Nd4jSoftmax.checkTargets(targets, firstRow, exps.size(0), exps.size(1));
        Rows es = new Rows(exps, exps.size(1));
        split.perWorker(
                exps,
                exps.size(1),
                (i, from, to) -> whole.grad(es.of(from, to), targets, firstRow + (int) from, statistics, scale));
    }

    @Override
    public void denseForward(INDArray logits, INDArray reference, int[] targets, int firstRow, TokenStatistics out) {
        Nd4jSoftmax.checkTargets(targets, firstRow, logits.size(0), logits.size(1));
        Rows zs = new Rows(logits, logits.size(1));
        Rows refs = reference == null ? null : new Rows(reference, logits.size(1));
        split.perCache(
                logits,
                logits.size(1),
                (i, from, to) -> whole.denseForward(
                        zs.of(from, to), refs == null ? null : refs.of(from, to), targets, firstRow + (int) from, out));
    }

    @Override
    public void denseGrad(
            INDArray logits,
            INDArray reference,
            int[] targets,
            int firstRow,
            TokenStatistics statistics,
            RowGradient gradient) {
        Nd4jSoftmax.checkTargets(targets, firstRow, logits.size(0), logits.size(1));
        Rows zs = new Rows(logits, logits.size(1));
        Rows refs = reference == null ? null : new Rows(reference, logits.size(1));
        split.perCache(
                logits,
                logits.size(1),
                (i, from, to) -> whole.denseGrad(
                        zs.of(from, to),
                        refs == null ? null : refs.of(from, to),
                        targets,
                        firstRow + (int) from,
                        statistics,
                        gradient));
    }

    @Override
    public void topK(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        Rows xs = new Rows(x, x.size(1));
        split.perWorker(
                x, x.size(1), (i, from, to) -> whole.topK(xs.of(from, to), k, firstRow + (int) from, ids, values));
    }

    @Override
    public void gatherColumns(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        whole.gatherColumns(x, k, firstRow, ids, values);
    }

    @Override
    public void addColumns(double[] values, int k, int firstRow, int[] ids, INDArray x) {
        whole.addColumns(values, k, firstRow, ids, x);
    }
}
