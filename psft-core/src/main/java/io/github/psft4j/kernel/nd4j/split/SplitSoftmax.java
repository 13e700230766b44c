package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.RowGradient;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.nd4j.Nd4jSoftmax;
import io.github.psft4j.kernel.nd4j.split.RowSplit.Rows;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rows of the vocabulary in {@link SplitForm}. Targets are checked before any piece is written. */
final class SplitSoftmax {

    private final RowSplit pieces;
    private final TensorOps ops;

    SplitSoftmax(RowSplit pieces, TensorOps ops) {
        this.pieces = pieces;
        this.ops = ops;
    }

    void softmax(INDArray logits, int[] targets, int firstRow, TokenStatistics out) {
        Nd4jSoftmax.checkTargets(targets, firstRow, logits.size(0), logits.size(1));
        Rows zs = new Rows(logits, logits.size(1));
        pieces.manyPasses(
                logits,
                logits.size(1),
                (i, from, to) -> ops.softmax(zs.of(from, to), targets, firstRow + (int) from, out));
    }

    void softmaxGrad(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
        Nd4jSoftmax.checkTargets(targets, firstRow, exps.size(0), exps.size(1));
        Rows es = new Rows(exps, exps.size(1));
        pieces.onePass(
                exps,
                exps.size(1),
                (i, from, to) -> ops.softmaxGrad(es.of(from, to), targets, firstRow + (int) from, statistics, scale));
    }

    void denseSoftmax(INDArray logits, INDArray reference, int[] targets, int firstRow, TokenStatistics out) {
        Nd4jSoftmax.checkTargets(targets, firstRow, logits.size(0), logits.size(1));
        Rows zs = new Rows(logits, logits.size(1));
        Rows refs = reference == null ? null : new Rows(reference, logits.size(1));
        pieces.manyPasses(
                logits,
                logits.size(1),
                (i, from, to) -> ops.denseSoftmax(
                        zs.of(from, to), refs == null ? null : refs.of(from, to), targets, firstRow + (int) from, out));
    }

    void denseSoftmaxGrad(
            INDArray logits,
            INDArray reference,
            int[] targets,
            int firstRow,
            TokenStatistics statistics,
            RowGradient gradient) {
        Nd4jSoftmax.checkTargets(targets, firstRow, logits.size(0), logits.size(1));
        Rows zs = new Rows(logits, logits.size(1));
        Rows refs = reference == null ? null : new Rows(reference, logits.size(1));
        pieces.manyPasses(
                logits,
                logits.size(1),
                (i, from, to) -> ops.denseSoftmaxGrad(
                        zs.of(from, to),
                        refs == null ? null : refs.of(from, to),
                        targets,
                        firstRow + (int) from,
                        statistics,
                        gradient));
    }

    void topK(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        Rows xs = new Rows(x, x.size(1));
        pieces.onePass(x, x.size(1), (i, from, to) -> ops.topK(xs.of(from, to), k, firstRow + (int) from, ids, values));
    }
}
