package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.Views.column;
import static io.github.psft4j.kernel.Views.narrow;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.Views;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMax;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMin;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** A block of queries of {@link Nd4jAttention}, and the keys and values that they see. */
final class Nd4jHeads {

    /** Added to the score of a position out of sight; finite, because 0 * infinity is NaN. */
    private static final double MASKED = -1e30;

    final INDArray q; // [B, KV, G * T, d], T the queries of the block
    final INDArray k; // [B, KV, S, d]
    final INDArray v; // [B, KV, S, d]
    final int to; // behind the last query of the block
    private final int from; // first query of the block
    private final int firstKey; // first key that the block sees
    private final INDArray visible; // [T * S], 1 where a query sees a key, else 0
    private final AttentionShape shape;

    Nd4jHeads(INDArray qkv, AttentionShape shape, int from, Nd4jTemporaries tmp) {
        this.shape = shape;
        this.from = from;
        this.to = Math.min(shape.time(), from + Nd4jAttention.block(shape));
        this.firstKey = shape.firstVisible(from);
        visible = visible(to - from, to - firstKey, from - firstKey, shape.window(), tmp);
        q = stack(qkv, tmp);
        copyIfStacked(qkv, q);
        k = keys(qkv);
        v = values(qkv);
    }

    int queries() {
        return to - from;
    }

    /** Scaled scores, of keys out of sight, too; {@code [B, KV, G * T, S]}. */
    INDArray scores(Nd4jTemporaries tmp) {
        INDArray scores = tmp.empty(q.size(0), q.size(1), q.size(2), to - firstKey);
        Nd4jCalls.matmul(q, false, k, true, shape.scale(), 0, scores);
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
        Nd4jSums.ofColumns(Views.rows(products, shape.headDim()), sums, tmp);
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
     * Room {@code [B, KV, G * T, d]} for the block's query heads, the first H of the rows of x. It is a view of them,
     * unless a key/value head has several. Then it is a dense array to fill by {@link #copyIfStacked} or to pass to
     * {@link #unstack}.
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

    /** View {@code [B, to - from, T, d]} of the given heads of rows {@code [n, heads * d]}. */
    private static INDArray heads(INDArray x, AttentionShape shape, int from, int to) {
        long all = x.length() / shape.rows() / shape.headDim();
        INDArray rows = x.reshape('c', shape.batch(), shape.time(), all, shape.headDim());
        return narrow(rows, 2, from, to).permute(0, 2, 1, 3);
    }

    /**
     * {@code 1} where query i sees key j, {@code 0} where it does not, because j is later or before the window;
     * {@code [T * S]}.
     *
     * @param before keys that precede the first query
     */
    private static INDArray visible(int queries, int keys, int before, int window, Nd4jTemporaries tmp) {
        INDArray distance = tmp.empty(queries, keys); // key position less query position
        INDArray keyPositions = ramp(0, keys, tmp).reshape('c', 1, keys);
        Nd4jCalls.exec("subtract", distance, keyPositions, column(ramp(before, queries, tmp)));
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
}
