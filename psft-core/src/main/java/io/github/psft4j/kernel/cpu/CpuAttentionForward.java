package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.gemm.OneDnnGemm;
import io.github.psft4j.kernel.cpu.rows.InOrder;
import io.github.psft4j.kernel.cpu.rows.ScoreTile;

/**
 * Attention output by tiles. The softmax of a row continues from tile to tile; its sum and output are rescaled when a
 * tile raises the maximum (Milakov and Gimelshein, arXiv 1805.02867; FlashAttention, arXiv 2205.14135). Heads are read
 * and written in place by stride.
 */
final class CpuAttentionForward extends AttentionPass {

    private final FloatMemory scores; // [keys, queries] of a tile
    private final FloatMemory scaled; // [queries, d] of a tile
    private final float[] part; // some of them on the heap
    private final float[] row; // [head width], the output of a query
    private final float[] tileMax; // [queries] of a tile
    private final float[] tileSum; // [queries] of a tile
    private final float[] max; // [queries] of a block
    private final float[] sum; // [queries] of a block

    CpuAttentionForward(
            CpuAttention attention, AttentionShape shape, FloatMemory qkv, FloatMemory out, FloatMemory logSumExp) {
        super(attention, shape, qkv, out, logSumExp);
        this.scores = scratch.memory(0, TILE);
        this.scaled = scratch.memory(1, (long) AttentionTiles.QUERIES * shape.headDim());
        this.part = scratch.array(0, PART);
        this.row = scratch.array(5, shape.headDim());
        this.tileMax = scratch.array(1, AttentionTiles.QUERIES);
        this.tileSum = scratch.array(2, AttentionTiles.QUERIES);
        this.max = scratch.array(3, AttentionTiles.QUERIES);
        this.sum = scratch.array(4, AttentionTiles.QUERIES);
    }

    @Override
    public void begin(int from, int to) {
        block = from;
        for (int i = 0; i < to - from; i++) {
            max[i] = Float.NEGATIVE_INFINITY;
            sum[i] = 0;
        }
    }

    @Override
    public void tile(int query0, int queries, int key0, int keys, boolean first) {
        int d = shape.headDim();
        int width = shape.qkvWidth();
        long q = query + (long) query0 * width;
        long k = key + (long) key0 * width;
        long v = value + (long) key0 * width;
        long o = output + (long) query0 * shape.outWidth();
        scaleQueries(q, queries);
        if (keys < OneDnnGemm.ORDERED_ROWS || queries == 1) {
            fewScores(queries, k, keys);
        } else {
            b.transposed(scaled, 0, d);
            gemm.run(keys, queries, d, 1f, a.at(qkv, k, width), b, 0f, c.at(scores, 0, queries));
        }
        ScoreTile t = tileOf(query0, queries, key0, keys);
        raiseMaxima(t, query0);
        exponentials(t, query0);
        if (queries == 1) {
            oneOutput(o, v, keys, first);
        } else {
            a.transposed(scores, 0, queries);
            gemm.run(queries, d, keys, 1f, a, b.at(qkv, v, width), first ? 0f : 1f, c.at(out, o, shape.outWidth()));
        }
    }

    /** Fills the queries of a tile, times the scale: a product would apply it before or after its sums. */
    private void scaleQueries(long q, int queries) {
        int d = shape.headDim();
        for (int i = 0; i < queries; i++) {
            qkv.get(q + (long) i * shape.qkvWidth(), row, d);
            math.scale(row, d, (float) shape.scale());
            scaled.put((long) i * d, row, d);
        }
    }

    /**
     * Scores of few keys or one query, summed channel by channel. oneDNN has kernels for such products that sum in
     * another order than for larger ones; a score would depend on how long its sequence is.
     */
    private void fewScores(int queries, long k, int keys) {
        int d = shape.headDim();
        float[] keyRow = scratch.array(6, d);
        for (int j = 0; j < keys; j++) {
            qkv.get(k + (long) j * shape.qkvWidth(), keyRow, d);
            for (int i = 0; i < queries; i++) {
                scaled.get((long) i * d, row, d);
                part[j * queries + i] = InOrder.dot(keyRow, row, d); // fewer scores than a part has room for
            }
        }
        scores.put(0, part, keys * queries);
    }

    /** Adds the values of a tile to the output of one query, in the order of a product with more. */
    private void oneOutput(long o, long v, int keys, boolean first) {
        int d = shape.headDim();
        float[] value = scratch.array(6, d);
        float[] sums = scratch.zeroed(7, d);
        scores.get(0, part, keys);
        for (int j = 0; j < keys; j++) {
            qkv.get(v + (long) j * shape.qkvWidth(), value, d);
            InOrder.add(part[j], value, sums, d);
        }
        if (!first) {
            out.get(o, row, d);
            math.add(row, sums, d);
        }
        out.put(o, sums, d);
    }

    /** Takes the tile's scores into the maxima, and rescales what was summed under lower ones. */
    private void raiseMaxima(ScoreTile t, int query0) {
        int at = query0 - block;
        int queries = t.queries();
        System.arraycopy(max, at, tileMax, 0, queries);
        parts(t, (keys, from) -> {
            scores.get(from, part, keys.size());
            tiles.max(part, keys, tileMax);
        });
        for (int i = 0; i < queries; i++) {
            if (tileMax[i] > max[at + i] && sum[at + i] > 0) {
                float factor = (float) Math.exp(max[at + i] - tileMax[i]);
                sum[at + i] *= factor;
                scaleOutput(query0 + i, factor);
            }
        }
        System.arraycopy(tileMax, 0, max, at, queries);
    }

    /** Scores become exponentials over the maxima, 0 where a query does not look, and are summed per query. */
    private void exponentials(ScoreTile t, int query0) {
        int at = query0 - block;
        System.arraycopy(sum, at, tileSum, 0, t.queries());
        parts(t, (keys, from) -> {
            if (keys.size() < t.size()) { // else it lies there already
                scores.get(from, part, keys.size());
            }
            tiles.exponentials(part, keys, tileMax, tileSum);
            scores.put(from, part, keys.size());
        });
        System.arraycopy(tileSum, 0, sum, at, t.queries());
    }

    private void scaleOutput(int position, float factor) {
        long o = output + (long) position * shape.outWidth();
        out.get(o, row, shape.headDim());
        math.scale(row, shape.headDim(), factor);
        out.put(o, row, shape.headDim());
    }

    @Override
    public void end(int from, int to) {
        for (int i = 0; i < to - from; i++) {
            scaleOutput(from + i, 1f / sum[i]);
            max[i] += (float) Math.log(sum[i]);
        }
        logSumExp.put(logSumExpAt + from, max, to - from);
    }
}
