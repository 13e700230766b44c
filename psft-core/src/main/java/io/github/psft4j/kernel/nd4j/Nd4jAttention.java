package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.Views.column;
import static io.github.psft4j.kernel.Views.narrow;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.Views;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMax;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMin;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Causal attention of {@link Nd4jForm}, as batched products that read and write the heads where they lie in the fused rows.
 *
 * <p>The queries that read one key/value head are stacked, {@code [B, KV, G * T, d]} with {@code G = H / KV}, so
 * that grouped keys and values are never repeated and their gradients sum over the group within the product; only a stack of
 * several heads has to be copied. Scores are held whole, {@code [B, KV, G * T, S]} for S keys: forward needs one such array,
 * backward two. With a window, queries come in blocks that read only the keys inside it.
 */
final class Nd4jAttention {

    /** Added to the score of a position out of sight; finite, because 0 * infinity is NaN. */
    private static final double MASKED = -1e30;

    /** Fewest queries of a block, so that short windows do not end in many tiny products. */
    private static final int MIN_BLOCK = 64;

    private Nd4jAttention() {}

    /** See {@link TensorOps#attention}. */
    static void forward(INDArray qkv, AttentionShape shape, INDArray out, INDArray logSumExp) {
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
                Heads heads = new Heads(qkv, shape, from, tmp);
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
    private static INDArray attend(Heads heads, INDArray out, Nd4jTemporaries tmp) {
        INDArray p = heads.maskedScores(tmp); // [B, KV, G * T, S]
        INDArray rows = Views.rows(p, p.size(3)); // [B * H * T, S]
        INDArray max = column(rows.max(1)); // [B * H * T, 1]
        rows.subiColumnVector(max);
        heads.exp(p);
        INDArray sum = tmp.empty(rows.size(0), 1);
        Nd4jForm.sumColumns(rows, sum, tmp);
        rows.diviColumnVector(sum);

        INDArray o = heads.stack(out, tmp);
        product(p, false, heads.v, false, 1, 0, o);
        heads.unstack(o, out);
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
                Heads heads = new Heads(qkv, shape, from, tmp);
                INDArray p = heads.scores(tmp); // [B, KV, G * T, S]
                INDArray rows = Views.rows(p, p.size(3)); // [B * H * T, S]
                rows.subiColumnVector(perQuery(narrow(logSumExp, 1, from, heads.to), tmp));
                heads.exp(p);

                INDArray dO = heads.stack(dOut, tmp);
                heads.copyIfStacked(dOut, dO);
                INDArray dS = tmp.empty(p.shape());
                product(dO, false, heads.v, true, 1, 0, dS);
                INDArray dRows = Views.rows(dS, p.size(3));
                dRows.subiColumnVector(perQuery(heads.delta(out, dOut, tmp), tmp));
                dRows.muli(rows);

                INDArray dq = heads.stack(dqkv, tmp);
                product(dS, false, heads.k, false, shape.scale(), 0, dq);
                heads.unstack(dq, dqkv);
                double beta = once ? 0 : 1;
                product(dS, true, heads.q, false, shape.scale(), beta, heads.keys(dqkv));
                product(p, true, dO, false, 1, beta, heads.values(dqkv));
            }
        }
    }

    /** {@code z = alpha x y + beta z} over the last two dimensions, x or y transposed; any of them may be a view. */
    private static void product(
            INDArray x, boolean transposeX, INDArray y, boolean transposeY, double alpha, double beta, INDArray z) {
        Nd4j.exec(DynamicCustomOp.builder("matmul")
                .addInputs(x, y)
                .addOutputs(z)
                .addIntegerArguments(transposeX ? 1 : 0, transposeY ? 1 : 0, 0)
                .addFloatingPointArguments(alpha, beta)
                .build());
    }

    /** Dense column {@code [B * H * T, 1]} of values per query {@code [.., T]}, which may be a view. */
    private static INDArray perQuery(INDArray x, Nd4jTemporaries tmp) {
        return column(tmp.empty(x.shape()).assign(x));
    }

    /** View {@code [B, to - from, T, d]} of the given heads of rows {@code [n, heads * d]}. */
    private static INDArray heads(INDArray x, AttentionShape shape, int from, int to) {
        long all = x.length() / shape.rows() / shape.headDim();
        INDArray rows = x.reshape('c', shape.batch(), shape.time(), all, shape.headDim());
        return narrow(rows, 2, from, to).permute(0, 2, 1, 3);
    }

    /**
     * {@code 1} where query i sees key j, {@code 0} where it does not, because j is later or before the window; {@code [T * S]}.
     *
     * @param before keys that precede the first query
     */
    private static INDArray visible(int queries, int keys, int before, int window, Nd4jTemporaries tmp) {
        INDArray distance = tmp.empty(queries, keys); // key position less query position
        Nd4j.exec(DynamicCustomOp.builder("subtract")
                .addInputs(ramp(0, keys, tmp).reshape('c', 1, keys), column(ramp(before, queries, tmp)))
                .addOutputs(distance)
                .build());
        INDArray hidden = atLeastOne(distance, tmp);
        if (window > 0) {
            hidden.addi(atLeastOne(distance.rsubi(1 - window), tmp)); // 1 - window - distance is positive outside
        }
        return Views.flat(hidden.rsubi(1));
    }

    /** {@code from, from + 1, ..}, n numbers. */
    private static INDArray ramp(int from, int n, Nd4jTemporaries tmp) {
        float[] numbers = new float[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = from + i;
        }
        return tmp.vector(numbers);
    }

    /** 1 where x is at least 1, else 0, for whole numbers. */
    private static INDArray atLeastOne(INDArray x, Nd4jTemporaries tmp) {
        INDArray out = tmp.empty(x.shape());
        Nd4j.exec(new ScalarMax(x, null, out, 0));
        Nd4j.exec(new ScalarMin(out, null, out, 1));
        return out;
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

    /** A block of queries and the keys and values that they see. */
    private static final class Heads {

        final INDArray q; // [B, KV, G * T, d], T the queries of the block
        final INDArray k; // [B, KV, S, d]
        final INDArray v; // [B, KV, S, d]
        final int to; // behind the last query of the block
        private final int from; // first query of the block
        private final int firstKey; // first key that the block sees
        private final INDArray visible; // [T * S], 1 where a query sees a key, else 0
        private final AttentionShape shape;

        Heads(INDArray qkv, AttentionShape shape, int from, Nd4jTemporaries tmp) {
            this.shape = shape;
            this.from = from;
            this.to = Math.min(shape.time(), from + block(shape));
            this.firstKey = shape.firstVisible(from);
            visible = visible(to - from, to - firstKey, from - firstKey, shape.window(), tmp);
            q = stack(qkv, tmp);
            copyIfStacked(qkv, q);
            k = keys(qkv);
            v = values(qkv);
        }

        private int queries() {
            return to - from;
        }

        /** Scaled scores, of keys out of sight, too; {@code [B, KV, G * T, S]}. */
        INDArray scores(Nd4jTemporaries tmp) {
            INDArray scores = tmp.empty(q.size(0), q.size(1), q.size(2), to - firstKey);
            product(q, false, k, true, shape.scale(), 0, scores);
            return scores;
        }

        /** Scaled scores, {@link #MASKED} where the key is out of sight; {@code [B, KV, G * T, S]}. */
        INDArray maskedScores(Nd4jTemporaries tmp) {
            INDArray scores = scores(tmp);
            perPosition(scores).addiRowVector(visible.sub(1).muli(-MASKED));
            return scores;
        }

        /** Exponentials of scores less a number per query, in place; exactly 0 where the key is out of sight. */
        void exp(INDArray scores) {
            // The exponential of a huge negative number takes several times as long as that of 0.
            perPosition(scores).muliRowVector(visible);
            Transforms.exp(scores, false);
            perPosition(scores).muliRowVector(visible);
        }

        /** Scores as {@code [B * H, T * S]}. */
        private INDArray perPosition(INDArray scores) {
            return Views.rows(scores, visible.length());
        }

        /** {@code sum(dO * O)} per query and head, {@code [B, H, T]}. */
        INDArray delta(INDArray out, INDArray dOut, Nd4jTemporaries tmp) {
            INDArray products = tmp.empty(shape.batch(), queries(), shape.outWidth());
            Nd4j.exec(new MulOp(queryRows(out), queryRows(dOut), products));
            INDArray sums = tmp.empty((long) shape.batch() * queries() * shape.heads(), 1);
            Nd4jForm.sumColumns(Views.rows(products, shape.headDim()), sums, tmp);
            return sums.reshape('c', shape.batch(), queries(), shape.heads()).permute(0, 2, 1);
        }

        /** View {@code [B, T, H * d]} of the block's queries in an output {@code [n, H * d]}. */
        private INDArray queryRows(INDArray x) {
            return narrow(x.reshape('c', shape.batch(), shape.time(), shape.outWidth()), 1, from, to);
        }

        /** View {@code [B, KV, S, d]} of the keys in fused rows. */
        INDArray keys(INDArray qkv) {
            int first = shape.heads();
            return narrow(heads(qkv, shape, first, first + shape.kvHeads()), 2, firstKey, to);
        }

        /** View {@code [B, KV, S, d]} of the values in fused rows. */
        INDArray values(INDArray qkv) {
            int first = shape.heads() + shape.kvHeads();
            return narrow(heads(qkv, shape, first, first + shape.kvHeads()), 2, firstKey, to);
        }

        /**
         * Room {@code [B, KV, G * T, d]} for the block's query heads, the first H of the rows of x: a view of them, or a dense array to
         * fill by {@link #copyIfStacked} or to give to {@link #unstack} where a key/value head has several.
         */
        INDArray stack(INDArray x, Nd4jTemporaries tmp) {
            return shape.group() == 1
                    ? queryHeads(x)
                    : tmp.empty(shape.batch(), shape.kvHeads(), (long) shape.group() * queries(), shape.headDim());
        }

        /** Fills what {@link #stack} returned from the rows of x. */
        void copyIfStacked(INDArray x, INDArray stack) {
            if (shape.group() > 1) {
                perHead(stack).assign(queryHeads(x));
            }
        }

        /** Brings what a product wrote to an array of {@link #stack} into the rows of x. */
        void unstack(INDArray stack, INDArray x) {
            if (shape.group() > 1) {
                queryHeads(x).assign(perHead(stack));
            }
        }

        private INDArray perHead(INDArray stack) {
            return stack.reshape('c', shape.batch(), shape.heads(), queries(), shape.headDim());
        }

        /** View {@code [B, H, T, d]} of the block's query heads in rows {@code [n, (H ..) d]}. */
        private INDArray queryHeads(INDArray x) {
            return narrow(heads(x, shape, 0, shape.heads()), 2, from, to);
        }
    }
}
