package io.github.psft4j.kernel.nd4j.split;

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
                rows -> whole.forward(rows.of(logits, logits.size(1)), targets, firstRow + rows.first(), out));
    }

    @Override
    public void grad(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
        Nd4jSoftmax.checkTargets(targets, firstRow, exps.size(0), exps.size(1));
        split.perWorker(
                exps,
                exps.size(1),
                rows -> whole.grad(rows.of(exps, exps.size(1)), targets, firstRow + rows.first(), statistics, scale));
    }

    @Override
    public void denseForward(INDArray logits, INDArray reference, int[] targets, int firstRow, TokenStatistics out) {
        Nd4jSoftmax.checkTargets(targets, firstRow, logits.size(0), logits.size(1));
        split.perCache(
                logits,
                logits.size(1),
                rows -> whole.denseForward(
                        rows.of(logits, logits.size(1)),
                        reference == null ? null : rows.of(reference, logits.size(1)),
                        targets,
                        firstRow + rows.first(),
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
                rows -> whole.denseGrad(
                        rows.of(logits, logits.size(1)),
                        reference == null ? null : rows.of(reference, logits.size(1)),
                        targets,
                        firstRow + rows.first(),
                        statistics,
                        gradient));
    }

    @Override
    public void topK(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        split.perWorker(
                x, x.size(1), rows -> whole.topK(rows.of(x, x.size(1)), k, firstRow + rows.first(), ids, values));
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
