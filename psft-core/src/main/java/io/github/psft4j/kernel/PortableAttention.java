package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.Views.column;
import static io.github.psft4j.kernel.Views.narrow;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMax;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMin;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Causal attention of {@link PortableOps}, as batched products over dense copies of the heads.
 *
 * <p>The queries that read one key/value head are stacked, {@code [B * KV, G * T, d]} with {@code G = H / KV}, so
 * that grouped keys and values are never repeated and their gradients sum over the group within the product. Scores
 * are held whole, {@code [B * KV, G * T, S]} for S keys: forward needs one such array, backward two. With
 * a window, queries come in blocks that read only the keys inside it.
 */
final class PortableAttention {

    private static final MMulTranspose NN = MMulTranspose.builder().build();
    private static final MMulTranspose NT =
            MMulTranspose.builder().transposeB(true).build();
    private static final MMulTranspose TN =
            MMulTranspose.builder().transposeA(true).build();

    /** Added to the score of a position out of sight; finite, because 0 * infinity is NaN. Its exponential is exactly 0. */
    private static final double MASKED = -1e30;

    /** Fewest queries of a block, so that short windows do not end in many tiny products. */
    private static final int MIN_BLOCK = 64;

    private PortableAttention() {}

    /** See {@link TensorOps#attention}. */
    static void forward(INDArray qkv, AttentionShape shape, INDArray out, INDArray logSumExp) {
        INDArray lse = Views.rows(logSumExp, shape.time()); // [B * H, T]
        if (shape.segments().isOnePerRow()) {
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
            try (Temporaries tmp = new Temporaries(qkv.dataType())) {
                Heads heads = Heads.of(qkv, shape, from, tmp);
                INDArray lse = attend(heads, out, tmp);
                narrow(logSumExp, 1, from, heads.to)
                        .assign(lse.reshape('c', lse.length() / heads.queries(), heads.queries()));
            }
        }
    }

    /** Queries taken at once: all of them, or with a window so few that most of their keys are inside it. */
    static int block(AttentionShape shape) {
        return shape.window() == 0 ? shape.time() : Math.max(shape.window(), MIN_BLOCK);
    }

    /** Writes the attention output and returns the log-sum-exp of every query, {@code [B * H * T, 1]}. */
    static INDArray attend(Heads heads, INDArray out, Temporaries tmp) {
        INDArray p = heads.maskedScores(tmp); // [B * KV, G * T, S]
        INDArray rows = asRows(p); // [B * H * T, S]
        INDArray max = column(rows.max(1)); // [B * H * T, 1]
        rows.subiColumnVector(max);
        Transforms.exp(rows, false);
        INDArray sum = tmp.empty(rows.size(0), 1);
        PortableOps.sumColumns(rows, sum, tmp);

        INDArray o = tmp.empty(heads.q.shape());
        Nd4j.exec(new Mmul(p, heads.v, o, NN));
        asRows(o).diviColumnVector(sum);
        heads.ofOutput(out).assign(heads.perQueryHead(o));
        return Transforms.log(sum, false).addi(max);
    }

    /**
     * See {@link TensorOps#attentionGrad}.
     *
     * <p>With P the probabilities and delta = sum(dO * O) per query: dV = Pᵀ dO, dS = P * (dO Vᵀ - delta), dQ = dS K
     * / sqrt(d), dK = dSᵀ Q / sqrt(d) (FlashAttention, arXiv 2205.14135, appendix B.2).
     */
    static void backward(
            INDArray qkv, AttentionShape shape, INDArray out, INDArray dOut, INDArray logSumExp, INDArray dqkv) {
        INDArray lse = Views.rows(logSumExp, shape.time()); // [B * H, T]
        if (shape.segments().isWhole()) {
            backwardRows(qkv, shape, out, dOut, lse, dqkv);
            return;
        }
        if (shape.segments().isOnePerRow()) {
            try (Temporaries tmp = new Temporaries(dOut.dataType())) {
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
        int keys = shape.heads();
        int values = keys + shape.kvHeads();
        INDArray dKeysValues = heads(dqkv, shape, keys, values + shape.kvHeads());
        dKeysValues.assign(0);
        for (int from = 0; from < shape.time(); from += block(shape)) {
            try (Temporaries tmp = new Temporaries(qkv.dataType())) {
                Heads heads = Heads.of(qkv, shape, from, tmp);
                INDArray lse = tmp.empty((long) shape.batch() * shape.heads(), heads.queries());
                lse.assign(narrow(logSumExp, 1, from, heads.to));
                INDArray p = heads.maskedScores(tmp);
                asRows(p).subiColumnVector(column(lse));
                Transforms.exp(p, false);

                INDArray o = tmp.empty(heads.q.shape()); // [B * KV, G * T, d]
                INDArray dO = tmp.empty(heads.q.shape());
                heads.perQueryHead(o).assign(heads.ofOutput(out));
                heads.perQueryHead(dO).assign(heads.ofOutput(dOut));
                INDArray dv = tmp.empty(heads.v.shape());
                Nd4j.exec(new Mmul(p, dO, dv, TN));
                INDArray dS = tmp.empty(p.shape());
                Nd4j.exec(new Mmul(dO, heads.v, dS, NT));

                INDArray delta = tmp.empty(asRows(p).size(0), 1); // [B * H * T, 1]
                PortableOps.sumColumns(asRows(o.muli(dO)), delta, tmp);
                asRows(dS).subiColumnVector(delta);
                dS.muli(p);

                INDArray dq = o; // no longer needed
                Nd4j.exec(new Mmul(dS, heads.k, dq, NN));
                dq.muli(shape.scale());
                INDArray dk = tmp.empty(heads.k.shape());
                Nd4j.exec(new Mmul(dS, heads.q, dk, TN)); // q carries the scale

                narrow(heads(dqkv, shape, 0, keys), 2, from, heads.to).assign(heads.perQueryHead(dq));
                INDArray seen = narrow(dKeysValues, 2, heads.firstKey, heads.to); // [B, 2 KV, S, d]
                narrow(seen, 1, 0, shape.kvHeads()).addi(heads.perKeyHead(dk));
                narrow(seen, 1, shape.kvHeads(), 2L * shape.kvHeads()).addi(heads.perKeyHead(dv));
            }
        }
    }

    /** View {@code [B, to - from, T, d]} of the given heads of a fused row {@code [n, (H + 2 KV) * d]}. */
    private static INDArray heads(INDArray qkv, AttentionShape shape, int from, int to) {
        int all = shape.heads() + 2 * shape.kvHeads();
        INDArray rows = qkv.reshape('c', shape.batch(), shape.time(), all, shape.headDim());
        return narrow(rows, 2, from, to).permute(0, 2, 1, 3);
    }

    /** View {@code [rows, last]} of an array of rank 3. */
    private static INDArray asRows(INDArray x) {
        return Views.rows(x, x.size(2));
    }

    /**
     * {@code 0} where query i sees key j, {@link #MASKED} where it does not, because j is later or before the window; {@code [T * S]}.
     *
     * @param before keys that precede the first query
     */
    private static INDArray mask(int queries, int keys, int before, int window, Temporaries tmp) {
        INDArray distance = tmp.zeros(queries, keys); // key position less query position
        distance.addiRowVector(tmp.zeros(keys).assign(Nd4j.arange(keys)))
                .subiColumnVector(column(tmp.zeros(queries).assign(Nd4j.arange(before, before + queries))));
        INDArray mask = atLeastOne(distance, tmp);
        if (window > 0) {
            mask.addi(atLeastOne(distance.rsubi(1 - window), tmp)); // 1 - window - distance is positive outside
        }
        return Views.flat(mask.muli(MASKED));
    }

    /** 1 where x is at least 1, else 0, for whole numbers. */
    private static INDArray atLeastOne(INDArray x, Temporaries tmp) {
        INDArray out = tmp.empty(x.shape());
        Nd4j.exec(new ScalarMax(x, null, out, 0));
        Nd4j.exec(new ScalarMin(out, null, out, 1));
        return out;
    }

    /** Zeros the rows {@code [B * T, width]} that belong to no sequence. */
    private static void clearPadding(INDArray x, AttentionShape shape) {
        if (shape.segments().isWhole()) {
            return;
        }
        double[] kept = new double[shape.rows()];
        Arrays.setAll(kept, row -> shape.segments().sequence(row) == Segments.PADDING ? 0 : 1);
        try (Temporaries tmp = new Temporaries(x.dataType())) {
            Views.rows(x, x.length() / shape.rows()).muliColumnVector(column(tmp.vector(kept)));
        }
    }

    /** One sequence of packed rows: views of its part of the arrays, and its attention alone. */
    private record Sequence(AttentionShape all, AttentionShape shape, int start) {

        static List<Sequence> all(AttentionShape s) {
            Segments segments = s.segments();
            return IntStream.range(0, segments.count())
                    .mapToObj(i -> new Sequence(s, s.within(Segments.whole(1, segments.length(i))), segments.start(i)))
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

    /** Dense copies of a block of queries (times the scale) of fused rows and of the keys and values that they see. */
    static final class Heads {

        final INDArray q; // [B * KV, G * T, d], T the queries of the block
        final INDArray k; // [B * KV, S, d]
        final INDArray v; // [B * KV, S, d]
        final int from; // first query of the block
        final int to; // behind its last one
        final int firstKey; // first key that the block sees
        private final int before; // positions that precede query 0
        private final AttentionShape shape;

        /** Keys and values are views {@code [B, 2 KV, positions, d]}, keys first, that start at position 0. */
        private Heads(INDArray qkv, AttentionShape shape, int from, int before, INDArray keysValues, Temporaries tmp) {
            this.shape = shape;
            this.from = from;
            this.to = Math.min(shape.time(), from + block(shape));
            this.before = before;
            this.firstKey = shape.firstVisible(before + from);
            long groups = (long) shape.batch() * shape.kvHeads();
            int d = shape.headDim();
            q = tmp.empty(groups, (long) shape.group() * queries(), d);
            k = tmp.empty(groups, keys(), d);
            v = tmp.empty(groups, keys(), d);
            INDArray seen = narrow(keysValues, 2, firstKey, before + to); // [B, 2 KV, S, d]
            perQueryHead(q).assign(narrow(heads(qkv, shape, 0, shape.heads()), 2, from, to));
            perKeyHead(k).assign(narrow(seen, 1, 0, shape.kvHeads()));
            perKeyHead(v).assign(narrow(seen, 1, shape.kvHeads(), 2L * shape.kvHeads()));
            q.muli(shape.scale());
        }

        /** Keys and values from the same fused rows as the queries. */
        static Heads of(INDArray qkv, AttentionShape shape, int from, Temporaries tmp) {
            int keys = shape.heads();
            return new Heads(qkv, shape, from, 0, heads(qkv, shape, keys, keys + 2 * shape.kvHeads()), tmp);
        }

        /** Keys and values from a cache {@code [B, capacity, 2 KV * d]}. */
        static Heads cached(INDArray qkv, AttentionShape shape, int from, INDArray cache, int before, Temporaries tmp) {
            INDArray whole = cache.reshape('c', shape.batch(), cache.size(1), 2L * shape.kvHeads(), shape.headDim());
            return new Heads(qkv, shape, from, before, whole.permute(0, 2, 1, 3), tmp);
        }

        int queries() {
            return to - from;
        }

        private int keys() {
            return before + to - firstKey;
        }

        /** {@code scale q kᵀ} plus the mask, {@code [B * KV, G * T, S]}. */
        INDArray maskedScores(Temporaries tmp) {
            INDArray scores = tmp.empty(q.size(0), q.size(1), keys());
            Nd4j.exec(new Mmul(q, k, scores, NT));
            Views.rows(scores, (long) queries() * keys())
                    .addiRowVector(mask(queries(), keys(), before + from - firstKey, shape.window(), tmp));
            return scores;
        }

        /** View {@code [B, H, T, d]} of the block's queries in an attention output {@code [n, H * d]}. */
        INDArray ofOutput(INDArray out) {
            INDArray all = out.reshape('c', shape.batch(), shape.time(), shape.heads(), shape.headDim());
            return narrow(all, 1, from, to).permute(0, 2, 1, 3);
        }

        /** View {@code [B, H, T, d]} of an array like {@link #q}. */
        INDArray perQueryHead(INDArray x) {
            return x.reshape('c', shape.batch(), shape.heads(), queries(), shape.headDim());
        }

        /** View {@code [B, KV, S, d]} of an array like {@link #k}. */
        INDArray perKeyHead(INDArray x) {
            return x.reshape('c', shape.batch(), shape.kvHeads(), keys(), shape.headDim());
        }
    }
}
