package io.github.psft4j.kernel.nd4j.split;

import static io.github.psft4j.kernel.nd4j.split.RowSplit.slice;

import io.github.psft4j.kernel.RowGradient;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.VocabularySoftmax;
import io.github.psft4j.kernel.nd4j.Nd4jSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link VocabularySoftmax} of slices of rows. Targets are checked before any slice is written. */
record SplitSoftmax(RowSplit split, VocabularySoftmax whole) implements VocabularySoftmax {

    @Override
    public void forward(INDArray logits, int[] targets, int firstRow, TokenStatistics out) {
        Nd4jSoftmax.checkTargets(targets, firstRow, logits.size(0), logits.size(1));
        split.perCache(
                logits,
                logits.size(1),
                (i, from, to) ->
                        whole.forward(slice(logits, logits.size(1), from, to), targets, firstRow + (int) from, out));
    }

    @Override
    public void grad(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
        Nd4jSoftmax.checkTargets(targets, firstRow, exps.size(0), exps.size(1));
        split.perWorker(
                exps,
                exps.size(1),
                (i, from, to) -> whole.grad(
                        slice(exps, exps.size(1), from, to), targets, firstRow + (int) from, statistics, scale));
    }

    @Override
    public void denseForward(INDArray logits, INDArray reference, int[] targets, int firstRow, TokenStatistics out) {
        Nd4jSoftmax.checkTargets(targets, firstRow, logits.size(0), logits.size(1));
        split.perCache(
                logits,
                logits.size(1),
                (i, from, to) -> whole.denseForward(
                        slice(logits, logits.size(1), from, to),
                        reference == null ? null : slice(reference, logits.size(1), from, to),
                        targets,
                        firstRow + (int) from,
                        out));
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
        split.perCache(
                logits,
                logits.size(1),
                (i, from, to) -> whole.denseGrad(
                        slice(logits, logits.size(1), from, to),
                        reference == null ? null : slice(reference, logits.size(1), from, to),
                        targets,
                        firstRow + (int) from,
                        statistics,
                        gradient));
    }

    @Override
    public void topK(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        split.perWorker(
                x,
                x.size(1),
                (i, from, to) -> whole.topK(slice(x, x.size(1), from, to), k, firstRow + (int) from, ids, values));
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
