package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ScoreTile;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import java.util.Arrays;

/**
 * Gradient of attention by tiles, probabilities recomputed from the log-sum-exp. P are the probabilities, delta =
 * sum(dO * O) per query. Then dV = Pᵀ dO, dS = P * (dO Vᵀ - delta), dQ = scale dS K, dK = scale dSᵀ Q (FlashAttention,
 * arXiv 2205.14135, appendix B.2).
 *
 * <p>The queries of one key/value head add to the same dK and dV. Where a cut between two workers falls inside such a
 * head, the later one adds to a partial sum of its own. Partial sums are added up afterwards in the order of the
 * workers.
 */
final class CpuAttentionBackward extends AttentionPass {

    private final FloatMemory dOut;
    private final FloatMemory dqkv;
    private final FloatMemory probs; // [keys, queries] of a tile
    private final FloatMemory dScores; // [keys, queries] of a tile
    private final float[] p; // a part of probs on the heap, or the output of a query
    private final float[] dp; // the same of dScores
    private final float[] tileLse; // [queries] of a tile
    private final float[] tileDelta; // [queries] of a tile
    private final float[] lse; // [queries] of a block
    private final float[] delta; // [queries] of a block
    private final float[] sumP; // [queries] of a tile
    private final float[] sumPdp; // [queries] of a tile
    private int blockEnd;
    private boolean deltaKnown; // of the block
    private int owned = -1; // key/value head (sequence * KV + head) whose sums in dqkv are this worker's
    private Partial partial; // sums for the head that another worker began; null: none
    private FloatMemory sums; // where dK and dV go
    private int sumsWidth;
    private long dKey;
    private long dValue;

    CpuAttentionBackward(
            CpuAttention attention,
            AttentionShape shape,
            FloatMemory qkv,
            FloatMemory out,
            FloatMemory dOut,
            FloatMemory logSumExp,
            FloatMemory dqkv) {
        super(attention, shape, qkv, out, logSumExp);
        this.dOut = dOut;
        this.dqkv = dqkv;
        this.probs = scratch.memory(0, TILE);
        this.dScores = scratch.memory(1, TILE);
        this.p = scratch.array(0, Math.max(PART, shape.headDim()));
        this.dp = scratch.array(1, Math.max(PART, shape.headDim()));
        this.tileLse = scratch.array(2, AttentionTiles.QUERIES);
        this.tileDelta = scratch.array(3, AttentionTiles.QUERIES);
        this.lse = scratch.array(4, AttentionTiles.QUERIES);
        this.delta = scratch.array(5, AttentionTiles.QUERIES);
        this.sumP = scratch.array(6, AttentionTiles.QUERIES);
        this.sumPdp = scratch.array(7, AttentionTiles.QUERIES);
    }

    /** Adds the sums for a head that another worker began, if there are any. */
    void addPartial(WorkerPool pool) {
        if (partial != null) {
            partial.addTo(dqkv, shape, pool, math);
        }
    }

    /** Chooses where dK and dV of the head are summed, cleared when this worker first comes to the head. */
    @Override
    void enter(int sequence, int h, int from) {
        int id = sequence * shape.kvHeads() + h / shape.group();
        int length = shape.layout().length(sequence);
        if (h % shape.group() == 0 && from == 0) {
            owned = id;
            AttentionRows.zeroRows(dqkv, key, length, shape.qkvWidth(), shape.headDim());
            AttentionRows.zeroRows(dqkv, value, length, shape.qkvWidth(), shape.headDim());
        } else if (owned != id && partial == null) {
            FloatMemory memory = FloatMemory.allocate(2L * length * shape.headDim());
            partial = new Partial(memory, key, value, length, shape.headDim());
        }
        boolean own = owned == id;
        sums = own ? dqkv : partial.sums;
        sumsWidth = own ? shape.qkvWidth() : 2 * shape.headDim();
        dKey = own ? key : 0;
        dValue = own ? value : shape.headDim();
    }

    @Override
    public void begin(int from, int to) {
        block = from;
        blockEnd = to;
        deltaKnown = false;
        logSumExp.get(logSumExpAt + from, lse, to - from);
    }

    /** Fills delta of the block from the outputs: needed where a tile has not all keys of its queries. */
    private void sumOutputs() {
        int d = shape.headDim();
        for (int i = 0; i < blockEnd - block; i++) {
            long o = output + (long) (block + i) * shape.outWidth();
            out.get(o, p, d);
            dOut.get(o, dp, d);
            delta[i] = math.dot(p, dp, d);
        }
        deltaKnown = true;
    }

    @Override
    public void tile(int query0, int queries, int key0, int keys, boolean first) {
        int d = shape.headDim();
        int width = shape.qkvWidth();
        int outWidth = shape.outWidth();
        long q = (long) query0 * width + query;
        long o = (long) query0 * outWidth + output;
        long k = (long) key0 * width + key;
        long v = (long) key0 * width + value;
        long dk = (long) key0 * sumsWidth + dKey;
        long dv = (long) key0 * sumsWidth + dValue;
        float scale = (float) shape.scale();
        b.transposed(qkv, q, width);
        gemm.run(keys, queries, d, scale, a.at(qkv, k, width), b, 0f, c.at(probs, 0, queries));
        b.transposed(dOut, o, outWidth);
        gemm.run(keys, queries, d, 1f, a.at(qkv, v, width), b, 0f, c.at(dScores, 0, queries));
        scoreGrad(
                tileOf(query0, queries, key0, keys),
                query0,
                shape.firstVisible(query0) >= key0 && query0 + queries <= key0 + keys);
        b.at(dOut, o, outWidth);
        gemm.run(keys, d, queries, 1f, a.at(probs, 0, queries), b, 1f, c.at(sums, dv, sumsWidth));
        b.at(qkv, q, width);
        gemm.run(keys, d, queries, 1f, a.at(dScores, 0, queries), b, 1f, c.at(sums, dk, sumsWidth));
        a.transposed(dScores, 0, queries);
        gemm.run(queries, d, keys, 1f, a, b.at(qkv, k, width), first ? 0f : 1f, c.at(dqkv, q, width));
    }

    /**
     * Scores and gradients of probabilities become probabilities and gradients of scores, 0 where a query does not
     * look.
     */
    private void scoreGrad(ScoreTile t, int query0, boolean whole) {
        int queries = t.queries();
        if (!whole && !deltaKnown) {
            sumOutputs();
        }
        System.arraycopy(lse, query0 - block, tileLse, 0, queries);
        if (whole) {
            wholeScoreGrad(t);
            return;
        }
        System.arraycopy(delta, query0 - block, tileDelta, 0, queries);
        parts(t, (keys, from) -> {
            probabilities(keys, from);
            dScores.get(from, dp, keys.size());
            tiles.scoreGrad(p, dp, keys, tileDelta, (float) shape.scale());
            dScores.put(from, dp, keys.size());
        });
    }

    /**
     * With all keys of its queries in the tile, delta follows from the rounded probabilities, so that a row of
     * gradients adds up to 0.
     */
    private void wholeScoreGrad(ScoreTile t) {
        Arrays.fill(sumP, 0, t.queries(), 0f);
        Arrays.fill(sumPdp, 0, t.queries(), 0f);
        parts(t, (keys, from) -> {
            probabilities(keys, from);
            dScores.get(from, dp, keys.size());
            tiles.addProducts(p, dp, keys, sumPdp);
        });
        for (int i = 0; i < t.queries(); i++) {
            tileDelta[i] = sumPdp[i] / sumP[i];
        }
        parts(t, (keys, from) -> {
            if (keys.size() < t.size()) { // else both lie there already
                probs.get(from, p, keys.size());
                dScores.get(from, dp, keys.size());
            }
            tiles.scoreGrad(p, dp, keys, tileDelta, (float) shape.scale());
            dScores.put(from, dp, keys.size());
        });
    }

    /** Scores of a part become probabilities, here and in p, and add to sumP. */
    private void probabilities(ScoreTile keys, int from) {
        probs.get(from, p, keys.size());
        tiles.exponentials(p, keys, tileLse, sumP);
        probs.put(from, p, keys.size());
    }

    @Override
    public void end(int from, int to) {
        // dQ is complete as the products left it
    }

    /**
     * Part of the sums of dK and dV of one key/value head, rows {@code [length, 2 d]}, that belong to dqkv at the given
     * offsets.
     */
    private record Partial(FloatMemory sums, long key, long value, int length, int d) {

        Partial {
            AttentionRows.zeroRows(sums, 0, length, 2 * d, 2 * d);
        }

        void addTo(FloatMemory dqkv, AttentionShape s, WorkerPool pool, RowMath math) {
            pool.share(length, (from, to, worker) -> {
                ThreadScratch scratch = ThreadScratch.local();
                float[] part = scratch.array(0, d);
                float[] sum = scratch.array(1, d);
                for (int i = from; i < to; i++) {
                    add((long) i * 2 * d, key + (long) i * s.qkvWidth(), dqkv, part, sum, math);
                    add((long) i * 2 * d + d, value + (long) i * s.qkvWidth(), dqkv, part, sum, math);
                }
            });
        }

        private void add(long from, long to, FloatMemory dqkv, float[] part, float[] sum, RowMath math) {
            sums.get(from, part, d);
            dqkv.get(to, sum, d);
            math.add(part, sum, d);
            dqkv.put(to, sum, d);
        }
    }
}
