package io.github.psft4j.kernel.nd4j.split;

import static io.github.psft4j.kernel.Views.narrow;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.nd4j.Nd4jRotary;
import io.github.psft4j.kernel.nd4j.Nd4jTemporaries;
import io.github.psft4j.kernel.nd4j.split.RowSplit.Rows;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention of {@link SplitForm}: by rows of tokens, or, where there are fewer of these than workers, by key/value heads, which are
 * copied out of the fused rows and back.
 */
final class SplitAttention {

    /** Scores that a piece holds at once, in sizes of other pieces, unless one row of tokens has more. */
    private static final long SCORES = 4;

    private final RowSplit pieces;
    private final TensorOps ops;

    SplitAttention(RowSplit pieces, TensorOps ops) {
        this.pieces = pieces;
        this.ops = ops;
    }

    void rotate(INDArray qkv, AttentionShape s, RotaryTable table, int firstPosition, boolean inverse) {
        table.check(s, firstPosition);
        Rows rows = new Rows(qkv, s.qkvWidth());
        if (s.batch() >= pieces.pool().workers()) {
            int shares = pieces.shares(s.batch(), (long) s.time() * s.qkvWidth());
            pieces.deal(
                    shares,
                    qkv.dataType(),
                    s.batch(),
                    (i, from, to) -> ops.rotate(
                            rows.of(from * s.time(), to * s.time()), part(s, from, to), table, firstPosition, inverse));
            return;
        }
        int shares = pieces.shares(s.rows(), s.qkvWidth());
        pieces.deal(
                shares,
                qkv.dataType(),
                s.rows(),
                (i, from, to) ->
                        Nd4jRotary.rotate(rows.of(from, to), s, table, firstPosition, inverse, (int) from, (int) to));
    }

    void forward(INDArray qkv, AttentionShape s, INDArray out, INDArray logSumExp) {
        if (small(s)) {
            ops.attention(qkv, s, out, logSumExp);
        } else if (byHeads(s)) {
            pieces.deal(pieces.inPortions(s.kvHeads(), s.kvHeads()), qkv.dataType(), s.kvHeads(), (i, from, to) -> {
                try (Nd4jTemporaries tmp = RowSplit.temporaries(qkv.dataType())) {
                    Heads heads = new Heads(s, from, to, tmp);
                    INDArray o = heads.empty(s.rows(), heads.shape.outWidth());
                    INDArray lse = heads.empty((long) s.batch() * heads.shape.heads(), s.time());
                    ops.attention(heads.gather(qkv), heads.shape, o, lse);
                    heads.queries(out).assign(heads.split(o));
                    heads.perQuery(logSumExp).assign(heads.perQuery(lse, heads.shape.heads()));
                }
            });
        } else {
            Rows qkvs = new Rows(qkv, s.qkvWidth());
            Rows outs = new Rows(out, s.outWidth());
            Rows lse = new Rows(logSumExp, s.time());
            byRows(
                    s,
                    qkv.dataType(),
                    (part, from, to) ->
                            ops.attention(qkvs.of(from, to), part, outs.of(from, to), ofHeads(lse, s, from, to)));
        }
    }

    void backward(INDArray qkv, AttentionShape s, INDArray out, INDArray dOut, INDArray logSumExp, INDArray dqkv) {
        if (small(s)) {
            ops.attentionGrad(qkv, s, out, dOut, logSumExp, dqkv);
        } else if (byHeads(s)) {
            pieces.deal(pieces.inPortions(s.kvHeads(), s.kvHeads()), qkv.dataType(), s.kvHeads(), (i, from, to) -> {
                try (Nd4jTemporaries tmp = RowSplit.temporaries(qkv.dataType())) {
                    Heads heads = new Heads(s, from, to, tmp);
                    INDArray o = heads.dense(heads.queries(out));
                    INDArray dO = heads.dense(heads.queries(dOut));
                    INDArray lse = heads.dense(heads.perQuery(logSumExp));
                    INDArray gradient = heads.empty(s.rows(), heads.shape.qkvWidth());
                    ops.attentionGrad(heads.gather(qkv), heads.shape, o, dO, lse, gradient);
                    heads.scatter(gradient, dqkv);
                }
            });
        } else {
            Rows qkvs = new Rows(qkv, s.qkvWidth());
            Rows outs = new Rows(out, s.outWidth());
            Rows dOuts = new Rows(dOut, s.outWidth());
            Rows dqkvs = new Rows(dqkv, s.qkvWidth());
            Rows lse = new Rows(logSumExp, s.time());
            byRows(
                    s,
                    qkv.dataType(),
                    (part, from, to) -> ops.attentionGrad(
                            qkvs.of(from, to),
                            part,
                            outs.of(from, to),
                            dOuts.of(from, to),
                            ofHeads(lse, s, from, to),
                            dqkvs.of(from, to)));
        }
    }

    private boolean small(AttentionShape s) {
        return (long) s.rows() * s.qkvWidth() < pieces.serial();
    }

    private boolean byHeads(AttentionShape s) {
        return s.batch() < pieces.pool().workers() && s.kvHeads() > 1;
    }

    /** Attention of the token rows [from, to), which are whole rows of the batch. */
    private interface Part {
        void run(AttentionShape part, long from, long to);
    }

    private void byRows(AttentionShape s, DataType type, Part work) {
        long scores = (long) s.heads() * s.time() * s.time() * type.width();
        int count = pieces.inPortions(s.batch(), Math.max(1, SCORES * pieces.bytes() / scores));
        pieces.deal(
                count, type, s.batch(), (i, from, to) -> work.run(part(s, from, to), from * s.time(), to * s.time()));
    }

    private static AttentionShape part(AttentionShape s, long from, long to) {
        return s.within(s.layout().rows((int) from, (int) to));
    }

    /** Part of {@code [B * H, T]} that belongs to token rows. */
    private static INDArray ofHeads(Rows logSumExp, AttentionShape s, long from, long to) {
        return logSumExp.of(from / s.time() * s.heads(), to / s.time() * s.heads());
    }

    /** Some key/value heads of a shape with the queries that read them, as attention of its own. */
    private static final class Heads {

        final AttentionShape shape;
        private final AttentionShape all;
        private final long from;
        private final long to;
        private final Nd4jTemporaries tmp;

        Heads(AttentionShape all, long from, long to, Nd4jTemporaries tmp) {
            this.all = all;
            this.from = from;
            this.to = to;
            this.tmp = tmp;
            int kv = (int) (to - from);
            this.shape = new AttentionShape(
                    all.batch(),
                    all.time(),
                    kv * all.group(),
                    kv,
                    all.headDim(),
                    all.window(),
                    all.scale(),
                    all.layout());
        }

        INDArray empty(long... dimensions) {
            return tmp.empty(dimensions);
        }

        INDArray dense(INDArray view) {
            return tmp.empty(view.shape()).assign(view);
        }

        /** Rows {@code [n, heads * d]} as {@code [n, heads, d]}. */
        INDArray split(INDArray x) {
            return x.reshape('c', all.rows(), x.length() / all.rows() / all.headDim(), all.headDim());
        }

        /** View {@code [n, h, d]} of the query heads in rows that start with all queries. */
        INDArray queries(INDArray x) {
            return narrow(split(x), 1, from * all.group(), to * all.group());
        }

        /** View {@code [n, kv, d]} of the key heads, or of the value heads, in fused rows. */
        private INDArray keys(INDArray qkv, boolean values) {
            long first = all.heads() + (values ? all.kvHeads() : 0);
            return narrow(split(qkv), 1, first + from, first + to);
        }

        /** View {@code [B, h, T]} of the log-sum-exps of all heads. */
        INDArray perQuery(INDArray logSumExp) {
            return narrow(perQuery(logSumExp, all.heads()), 1, from * all.group(), to * all.group());
        }

        /** {@code [B * h, T]} as {@code [B, h, T]}. */
        INDArray perQuery(INDArray logSumExp, long heads) {
            return logSumExp.reshape('c', all.batch(), heads, all.time());
        }

        /** Dense fused rows of these heads. */
        INDArray gather(INDArray qkv) {
            INDArray own = split(empty(all.rows(), shape.qkvWidth()));
            ownQueries(own).assign(queries(qkv));
            ownKeys(own, false).assign(keys(qkv, false));
            ownKeys(own, true).assign(keys(qkv, true));
            return own.reshape('c', all.rows(), shape.qkvWidth());
        }

        /** Brings fused rows of these heads to their place. */
        void scatter(INDArray rows, INDArray qkv) {
            INDArray own = split(rows);
            queries(qkv).assign(ownQueries(own));
            keys(qkv, false).assign(ownKeys(own, false));
            keys(qkv, true).assign(ownKeys(own, true));
        }

        private INDArray ownQueries(INDArray own) {
            return narrow(own, 1, 0, shape.heads());
        }

        private INDArray ownKeys(INDArray own, boolean values) {
            long first = shape.heads() + (values ? shape.kvHeads() : 0);
            return narrow(own, 1, first, first + shape.kvHeads());
        }
    }
}
