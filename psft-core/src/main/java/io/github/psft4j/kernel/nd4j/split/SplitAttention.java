package io.github.psft4j.kernel.nd4j.split;

import static io.github.psft4j.kernel.Views.narrow;

import io.github.psft4j.kernel.Attention;
import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.nd4j.Nd4jRotary;
import io.github.psft4j.kernel.nd4j.Nd4jTemporaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Attention} of slices of the batch. Where the batch has fewer rows than there are workers, a slice has some of
 * the key/value heads instead, which are copied out of the fused rows and back.
 */
record SplitAttention(RowSplit split, Attention whole) implements Attention {

    /** Scores of a slice may take this many times {@link RowSplit#bytes}: fewer, larger products are worth it. */
    private static final long SCORE_FACTOR = 4;

    @Override
    public void rotate(INDArray qkv, AttentionShape s, RotaryTable table, int firstPosition, boolean inverse) {
        table.check(s, firstPosition);
        if (s.batch() >= split.pool().workers()) {
            int slices = split.countPerWorker(s.batch(), (long) s.time() * s.qkvWidth());
            split.run(
                    slices,
                    qkv.dataType(),
                    s.batch(),
                    batch -> whole.rotate(
                            batch.times(s.time()).of(qkv, s.qkvWidth()),
                            part(s, batch),
                            table,
                            firstPosition,
                            inverse));
            return;
        }
        int slices = split.countPerWorker(s.rows(), s.qkvWidth());
        split.run(
                slices,
                qkv.dataType(),
                s.rows(),
                rows -> Nd4jRotary.rotate(
                        rows.of(qkv, s.qkvWidth()), s, table, firstPosition, inverse, rows.first(), rows.end()));
    }

    @Override
    public void forward(INDArray qkv, AttentionShape s, INDArray out, INDArray logSumExp) {
        if (small(s)) {
            whole.forward(qkv, s, out, logSumExp);
        } else if (byHeads(s)) {
            split.run(split.countOf(s.kvHeads(), s.kvHeads()), qkv.dataType(), s.kvHeads(), rows -> {
                try (Nd4jTemporaries tmp = RowSplit.temporaries(qkv.dataType())) {
                    Heads heads = Heads.of(s, rows, tmp);
                    INDArray o = heads.empty(s.rows(), heads.shape.outWidth());
                    INDArray lse = heads.empty((long) s.batch() * heads.shape.heads(), s.time());
                    whole.forward(heads.gather(qkv), heads.shape, o, lse);
                    heads.queries(out).assign(heads.split(o));
                    heads.perQuery(logSumExp).assign(heads.perQuery(lse, heads.shape.heads()));
                }
            });
        } else {
            byRows(
                    s,
                    qkv.dataType(),
                    (part, rows, heads) -> whole.forward(
                            rows.of(qkv, s.qkvWidth()),
                            part,
                            rows.of(out, s.outWidth()),
                            heads.of(logSumExp, s.time())));
        }
    }

    @Override
    public void grad(INDArray qkv, AttentionShape s, INDArray out, INDArray dOut, INDArray logSumExp, INDArray dqkv) {
        if (small(s)) {
            whole.grad(qkv, s, out, dOut, logSumExp, dqkv);
        } else if (byHeads(s)) {
            split.run(split.countOf(s.kvHeads(), s.kvHeads()), qkv.dataType(), s.kvHeads(), rows -> {
                try (Nd4jTemporaries tmp = RowSplit.temporaries(qkv.dataType())) {
                    Heads heads = Heads.of(s, rows, tmp);
                    INDArray o = heads.dense(heads.queries(out));
                    INDArray dO = heads.dense(heads.queries(dOut));
                    INDArray lse = heads.dense(heads.perQuery(logSumExp));
                    INDArray gradient = heads.empty(s.rows(), heads.shape.qkvWidth());
                    whole.grad(heads.gather(qkv), heads.shape, o, dO, lse, gradient);
                    heads.scatter(gradient, dqkv);
                }
            });
        } else {
            byRows(
                    s,
                    qkv.dataType(),
                    (part, rows, heads) -> whole.grad(
                            rows.of(qkv, s.qkvWidth()),
                            part,
                            rows.of(out, s.outWidth()),
                            rows.of(dOut, s.outWidth()),
                            heads.of(logSumExp, s.time()),
                            rows.of(dqkv, s.qkvWidth())));
        }
    }

    private boolean small(AttentionShape s) {
        return (long) s.rows() * s.qkvWidth() < split.serial();
    }

    private boolean byHeads(AttentionShape s) {
        return s.batch() < split.pool().workers() && s.kvHeads() > 1;
    }

    /** Attention of whole rows of the batch: these rows of tokens, and these of {@code [B * H, T]}. */
    private interface Part {
        void run(AttentionShape part, Slice tokens, Slice heads);
    }

    private void byRows(AttentionShape s, DataType type, Part work) {
        long scores = (long) s.heads() * s.time() * s.time() * type.width();
        int count = split.countOf(s.batch(), Math.max(1, SCORE_FACTOR * split.bytes() / scores));
        split.run(
                count,
                type,
                s.batch(),
                batch -> work.run(part(s, batch), batch.times(s.time()), batch.times(s.heads())));
    }

    private static AttentionShape part(AttentionShape s, Slice batch) {
        return s.within(s.layout().rows(batch.first(), batch.end()));
    }

    /** Some key/value heads of a shape with the queries that read them, as attention of its own. */
    private record Heads(AttentionShape shape, AttentionShape all, Slice kv, Nd4jTemporaries tmp) {

        static Heads of(AttentionShape all, Slice kv, Nd4jTemporaries tmp) {
            int heads = kv.end() - kv.first();
            AttentionShape shape = new AttentionShape(
                    all.batch(),
                    all.time(),
                    heads * all.group(),
                    heads,
                    all.headDim(),
                    all.window(),
                    all.scale(),
                    all.layout());
            return new Heads(shape, all, kv, tmp);
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
            return narrow(split(x), 1, kv.from() * all.group(), kv.to() * all.group());
        }

        /** View {@code [n, kv, d]} of the key heads, or of the value heads, in fused rows. */
        private INDArray keys(INDArray qkv, boolean values) {
            long first = all.heads() + (values ? all.kvHeads() : 0);
            return narrow(split(qkv), 1, first + kv.from(), first + kv.to());
        }

        /** View {@code [B, h, T]} of the log-sum-exps of all heads. */
        INDArray perQuery(INDArray logSumExp) {
            return narrow(perQuery(logSumExp, all.heads()), 1, kv.from() * all.group(), kv.to() * all.group());
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
