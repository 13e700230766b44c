package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.Views.column;
import static io.github.psft4j.kernel.Views.narrow;

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
 * are held whole, {@code [B * KV, G * T, S]} for S keys: forward needs one such array, backward two.
 */
final class PortableAttention {

    private static final MMulTranspose NN = MMulTranspose.builder().build();
    private static final MMulTranspose NT =
            MMulTranspose.builder().transposeB(true).build();
    private static final MMulTranspose TN =
            MMulTranspose.builder().transposeA(true).build();

    /** Added to the score of a later position; finite, because 0 * infinity is NaN. Its exponential is exactly 0. */
    private static final double MASKED = -1e30;

    private PortableAttention() {}

    /** See {@link TensorOps#attention}. */
    static void forward(INDArray qkv, AttentionShape shape, INDArray out, INDArray logSumExp) {
        try (Temporaries tmp = new Temporaries(qkv.dataType())) {
            INDArray lse = attend(Heads.of(qkv, shape, tmp), out, tmp);
            column(logSumExp).assign(lse);
        }
    }

    /** See {@link TensorOps#attentionCached}. */
    static void cached(INDArray qkv, AttentionShape shape, INDArray cache, int firstPosition, INDArray out) {
        checkCapacity(shape, cache, firstPosition);
        try (Temporaries tmp = new Temporaries(qkv.dataType())) {
            attend(Heads.cached(qkv, shape, cache, firstPosition, tmp), out, tmp);
        }
    }

    /** See {@link TensorOps#storeKeysValues}. */
    static void store(INDArray qkv, AttentionShape shape, INDArray cache, int firstPosition) {
        checkCapacity(shape, cache, firstPosition);
        INDArray rows = qkv.reshape('c', shape.batch(), shape.time(), shape.qkvWidth());
        INDArray keysValues = narrow(rows, 2, shape.keyColumn(0), shape.qkvWidth()); // [B, T, 2 KV * d]
        narrow(cache, 1, firstPosition, firstPosition + shape.time()).assign(keysValues);
    }

    private static void checkCapacity(AttentionShape shape, INDArray cache, int firstPosition) {
        if (firstPosition < 0 || firstPosition + shape.time() > cache.size(1)) {
            throw new IllegalArgumentException("positions " + firstPosition + " to "
                    + (firstPosition + shape.time() - 1) + " are outside the key/value cache of " + cache.size(1));
        }
    }

    /** Writes the attention output and returns the log-sum-exp of every query, {@code [B * H * T, 1]}. */
    private static INDArray attend(Heads heads, INDArray out, Temporaries tmp) {
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
        outputHeads(out, heads.shape).assign(heads.perQueryHead(o));
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
        try (Temporaries tmp = new Temporaries(qkv.dataType())) {
            Heads heads = Heads.of(qkv, shape, tmp);
            INDArray p = heads.maskedScores(tmp);
            asRows(p).subiColumnVector(column(logSumExp));
            Transforms.exp(p, false);

            INDArray o = tmp.empty(heads.q.shape()); // [B * KV, G * T, d]
            INDArray dO = tmp.empty(heads.q.shape());
            heads.perQueryHead(o).assign(outputHeads(out, shape));
            heads.perQueryHead(dO).assign(outputHeads(dOut, shape));
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

            int firstKey = shape.heads();
            int firstValue = shape.heads() + shape.kvHeads();
            heads(dqkv, shape, 0, firstKey).assign(heads.perQueryHead(dq));
            heads(dqkv, shape, firstKey, firstValue).assign(heads.perKeyHead(dk));
            heads(dqkv, shape, firstValue, firstValue + shape.kvHeads()).assign(heads.perKeyHead(dv));
        }
    }

    /** View {@code [B, to - from, T, d]} of the given heads of a fused row {@code [n, (H + 2 KV) * d]}. */
    private static INDArray heads(INDArray qkv, AttentionShape shape, int from, int to) {
        int all = shape.heads() + 2 * shape.kvHeads();
        INDArray rows = qkv.reshape('c', shape.batch(), shape.time(), all, shape.headDim());
        return narrow(rows, 2, from, to).permute(0, 2, 1, 3);
    }

    /** View {@code [B, H, T, d]} of an attention output {@code [n, H * d]}. */
    private static INDArray outputHeads(INDArray out, AttentionShape shape) {
        return out.reshape('c', shape.batch(), shape.time(), shape.heads(), shape.headDim())
                .permute(0, 2, 1, 3);
    }

    /** View {@code [rows, last]} of an array of rank 3. */
    private static INDArray asRows(INDArray x) {
        return Views.rows(x, x.size(2));
    }

    /** {@code 0} where query i sees key j, {@link #MASKED} where j is later than before + i; {@code [T * S]}. */
    private static INDArray causalMask(int queries, int keys, int before, Temporaries tmp) {
        INDArray queryPosition = tmp.zeros(queries).assign(Nd4j.arange(before, before + queries));
        INDArray keyPosition = tmp.zeros(keys).assign(Nd4j.arange(keys));
        INDArray mask = tmp.zeros(queries, keys);
        mask.addiRowVector(keyPosition).subiColumnVector(column(queryPosition)); // positive where the key is later
        Nd4j.exec(new ScalarMax(mask, null, mask, 0));
        Nd4j.exec(new ScalarMin(mask, null, mask, 1));
        return Views.flat(mask.muli(MASKED));
    }

    /**
     * Dense copies of the queries (times {@code 1/sqrt(d)}) of a fused row and of the keys and values that they read.
     */
    private static final class Heads {

        final AttentionShape shape;
        final INDArray q; // [B * KV, G * T, d]
        final INDArray k; // [B * KV, S, d]
        final INDArray v; // [B * KV, S, d]
        private final int before; // positions that precede the first query: S = before + T

        /** Keys and values are views {@code [B, KV, S, d]}. */
        private Heads(INDArray qkv, AttentionShape shape, int before, INDArray keys, INDArray values, Temporaries tmp) {
            this.shape = shape;
            this.before = before;
            long groups = (long) shape.batch() * shape.kvHeads();
            int d = shape.headDim();
            q = tmp.empty(groups, (long) shape.group() * shape.time(), d);
            k = tmp.empty(groups, before + shape.time(), d);
            v = tmp.empty(groups, before + shape.time(), d);
            perQueryHead(q).assign(heads(qkv, shape, 0, shape.heads()));
            perKeyHead(k).assign(keys);
            perKeyHead(v).assign(values);
            q.muli(shape.scale());
        }

        /** Keys and values from the same fused rows as the queries. */
        static Heads of(INDArray qkv, AttentionShape shape, Temporaries tmp) {
            int key = shape.heads();
            int value = key + shape.kvHeads();
            INDArray keys = heads(qkv, shape, key, value);
            INDArray values = heads(qkv, shape, value, value + shape.kvHeads());
            return new Heads(qkv, shape, 0, keys, values, tmp);
        }

        /** Keys and values from the first {@code before + T} positions of a cache {@code [B, capacity, 2 KV * d]}. */
        static Heads cached(INDArray qkv, AttentionShape shape, INDArray cache, int before, Temporaries tmp) {
            int kvHeads = shape.kvHeads();
            INDArray whole = cache.reshape('c', shape.batch(), cache.size(1), 2L * kvHeads, shape.headDim());
            INDArray filled = narrow(whole, 1, 0, before + shape.time()).permute(0, 2, 1, 3); // [B, 2 KV, S, d]
            INDArray keys = narrow(filled, 1, 0, kvHeads);
            INDArray values = narrow(filled, 1, kvHeads, 2L * kvHeads);
            return new Heads(qkv, shape, before, keys, values, tmp);
        }

        /** {@code q kᵀ / sqrt(d)} plus the causal mask, {@code [B * KV, G * T, S]}. */
        INDArray maskedScores(Temporaries tmp) {
            int queries = shape.time();
            int keys = before + queries;
            INDArray scores = tmp.empty(q.size(0), q.size(1), keys);
            Nd4j.exec(new Mmul(q, k, scores, NT));
            Views.rows(scores, (long) queries * keys).addiRowVector(causalMask(queries, keys, before, tmp));
            return scores;
        }

        /** View {@code [B, H, T, d]} of an array like {@link #q}. */
        INDArray perQueryHead(INDArray x) {
            return x.reshape('c', shape.batch(), shape.heads(), shape.time(), shape.headDim());
        }

        /** View {@code [B, KV, S, d]} of an array like {@link #k}. */
        INDArray perKeyHead(INDArray x) {
            return x.reshape('c', shape.batch(), shape.kvHeads(), before + shape.time(), shape.headDim());
        }
    }
}
