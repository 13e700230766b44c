package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.Views.column;
import static io.github.psft4j.kernel.Views.narrow;
import static io.github.psft4j.kernel.nd4j.Nd4jCalls.matmul;

import io.github.psft4j.kernel.Attention;
import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.Views;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * {@link Attention} by operations of ND4J, as batched products that read and write the heads where they lie in the
 * fused rows.
 *
 * <p>The queries that read one key/value head are stacked, {@code [B, KV, G * T, d]} with {@code G = H / KV}. Grouped
 * keys and values are thus never repeated, and their gradients sum over the group within the product. Only a stack of
 * several heads has to be copied. Scores are held whole, {@code [B, KV, G * T, S]} for S keys: forward needs one such
 * array, backward two. With a window, queries come in blocks that read only the keys inside it.
 */
final class Nd4jAttention implements Attention {

    /** Fewest queries of a block, so that short windows do not end in many tiny products. */
    private static final int MIN_BLOCK = 64;

    @Override
    public void rotate(INDArray qkv, AttentionShape shape, RotaryTable table, int firstPosition, boolean inverse) {
        Nd4jRotary.rotate(qkv, shape, table, firstPosition, inverse);
    }

    @Override
    public void forward(INDArray qkv, AttentionShape shape, INDArray out, INDArray logSumExp) {
        INDArray lse = Views.rows(logSumExp, shape.time()); // [B * H, T]
        if (shape.layout().isOnePerRow()) {
            forwardRows(qkv, shape, out, lse); // queries never see the padding behind them
            clearPadding(out, shape);
            return;
        }
        out.assign(0); // padding
        for (Sequence q : Sequence.all(shape)) {
            forwardRows(q.rows(qkv), q.shape, q.rows(out), q.ofHeads(lse));
        }
    }

    private static void forwardRows(INDArray qkv, AttentionShape shape, INDArray out, INDArray logSumExp) {
        for (int from = 0; from < shape.time(); from += block(shape)) {
            try (Nd4jTemporaries tmp = new Nd4jTemporaries(qkv.dataType())) {
                Nd4jHeads heads = new Nd4jHeads(qkv, shape, from, tmp);
                INDArray lse = attend(heads, out, tmp);
                narrow(logSumExp, 1, from, heads.to).assign(lse.reshape('c', logSumExp.size(0), heads.queries()));
            }
        }
    }

    /** Queries taken at once: all of them, or with a window so few that most of their keys are inside it. */
    static int block(AttentionShape shape) {
        return shape.window() == 0 ? shape.time() : Math.max(shape.window(), MIN_BLOCK);
    }

    /** Writes the attention output and returns the log-sum-exp of every query, {@code [B * H * T, 1]}. */
    private static INDArray attend(Nd4jHeads heads, INDArray out, Nd4jTemporaries tmp) {
        INDArray p = heads.maskedScores(tmp); // [B, KV, G * T, S]
        INDArray rows = Views.rows(p, p.size(3)); // [B * H * T, S]
        INDArray max = column(rows.max(1)); // [B * H * T, 1]
        rows.subiColumnVector(max);
        heads.exp(p);
        INDArray sum = tmp.empty(rows.size(0), 1);
        Nd4jSums.ofColumns(rows, sum, tmp);
        rows.diviColumnVector(sum);

        INDArray o = heads.stack(out, tmp);
        matmul(p, false, heads.v, false, 1, 0, o);
        heads.unstack(o, out);
        return Transforms.log(sum, false).addi(max);
    }

    /**
     * P are the probabilities, delta = sum(dO * O) per query. Then dV = Pᵀ dO, dS = P * (dO Vᵀ - delta), dQ = dS K /
     * sqrt(d), dK = dSᵀ Q / sqrt(d) (FlashAttention, arXiv 2205.14135, appendix B.2).
     */
    @Override
    public void grad(
            INDArray qkv, AttentionShape shape, INDArray out, INDArray dOut, INDArray logSumExp, INDArray dqkv) {
        INDArray lse = Views.rows(logSumExp, shape.time()); // [B * H, T]
        if (shape.layout().isWhole()) {
            backwardRows(qkv, shape, out, dOut, lse, dqkv);
            return;
        }
        if (shape.layout().isOnePerRow()) {
            try (Nd4jTemporaries tmp = new Nd4jTemporaries(dOut.dataType())) {
                INDArray ofSequences = tmp.empty(dOut.shape()).assign(dOut);
                clearPadding(ofSequences, shape); // padded queries see keys of the sequence, but must not train them
                backwardRows(qkv, shape, out, ofSequences, lse, dqkv);
            }
            return;
        }
        dqkv.assign(0); // padding
        for (Sequence q : Sequence.all(shape)) {
            backwardRows(q.rows(qkv), q.shape, q.rows(out), q.rows(dOut), q.ofHeads(lse), q.rows(dqkv));
        }
    }

    private static void backwardRows(
            INDArray qkv, AttentionShape shape, INDArray out, INDArray dOut, INDArray logSumExp, INDArray dqkv) {
        boolean once = block(shape) >= shape.time();
        if (!once) {
            Views.flat(dqkv).assign(0);
        }
        for (int from = 0; from < shape.time(); from += block(shape)) {
            try (Nd4jTemporaries tmp = new Nd4jTemporaries(qkv.dataType())) {
                Nd4jHeads heads = new Nd4jHeads(qkv, shape, from, tmp);
                INDArray p = heads.scores(tmp); // [B, KV, G * T, S]
                INDArray rows = Views.rows(p, p.size(3)); // [B * H * T, S]
                rows.subiColumnVector(perQuery(narrow(logSumExp, 1, from, heads.to), tmp));
                heads.exp(p);

                INDArray dO = heads.stack(dOut, tmp);
                heads.copyIfStacked(dOut, dO);
                INDArray dS = tmp.empty(p.shape());
                matmul(dO, false, heads.v, true, 1, 0, dS);
                INDArray dRows = Views.rows(dS, p.size(3));
                dRows.subiColumnVector(perQuery(heads.delta(out, dOut, tmp), tmp));
                dRows.muli(rows);

                INDArray dq = heads.stack(dqkv, tmp);
                matmul(dS, false, heads.k, false, shape.scale(), 0, dq);
                heads.unstack(dq, dqkv);
                double beta = once ? 0 : 1;
                matmul(dS, true, heads.q, false, shape.scale(), beta, heads.keys(dqkv));
                matmul(p, true, dO, false, 1, beta, heads.values(dqkv));
            }
        }
    }

    /** Dense column {@code [B * H * T, 1]} of values per query {@code [.., T]}, which may be a view. */
    private static INDArray perQuery(INDArray x, Nd4jTemporaries tmp) {
        return column(tmp.empty(x.shape()).assign(x));
    }

    /** Zeros the rows {@code [B * T, width]} that belong to no sequence. */
    private static void clearPadding(INDArray x, AttentionShape shape) {
        if (shape.layout().isWhole()) {
            return;
        }
        double[] kept = new double[shape.rows()];
        Arrays.setAll(kept, row -> shape.layout().sequence(row) == SequenceLayout.PADDING ? 0 : 1);
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            Views.rows(x, x.length() / shape.rows()).muliColumnVector(column(tmp.vector(kept)));
        }
    }

    /** One sequence of packed rows: views of its part of the arrays, and its attention alone. */
    private record Sequence(AttentionShape all, AttentionShape shape, int start) {

        static List<Sequence> all(AttentionShape s) {
            SequenceLayout layout = s.layout();
            return IntStream.range(0, layout.count())
                    .mapToObj(
                            i -> new Sequence(s, s.within(SequenceLayout.whole(1, layout.length(i))), layout.start(i)))
                    .toList();
        }

        /** Its rows of an array with {@code B*T} rows. */
        INDArray rows(INDArray x) {
            return Views.rowRange(Views.rows(x, x.length() / all.rows()), start, start + shape.time());
        }

        /** Its part {@code [H, T of the sequence]} of an array {@code [B * H, T]}. */
        INDArray ofHeads(INDArray x) {
            int row = start / all.time();
            int from = start % all.time();
            INDArray heads = narrow(x, 0, (long) row * all.heads(), (row + 1L) * all.heads());
            return narrow(heads, 1, from, from + shape.time());
        }
    }
}
