package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.gemm.Gemm;
import io.github.psft4j.kernel.cpu.gemm.Matrix;
import io.github.psft4j.kernel.cpu.gemm.Operands;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ScoreTile;
import io.github.psft4j.kernel.cpu.rows.ScoreTiles;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;

/** One worker's walk over tiles, forward or backward: arrays, scratch memory and where the head at hand lies. */
abstract class AttentionPass implements AttentionTiles.Visitor {

    static final int TILE = AttentionTiles.QUERIES * AttentionTiles.KEYS;

    /** Scores on the heap at a time, 64 kB: all of an edge's tile, and few enough for the second-level cache. */
    static final int PART = AttentionTiles.EDGE * AttentionTiles.EDGE;

    final ThreadScratch scratch = ThreadScratch.local();
    final Matrix a = Operands.local().a;
    final Matrix b = Operands.local().b;
    final Matrix c = Operands.local().c;
    final Gemm gemm;
    final RowMath math;
    final ScoreTiles tiles;
    final AttentionShape shape;
    final FloatMemory qkv;
    final FloatMemory out;
    final FloatMemory logSumExp;
    long query; // offset of the head's first query
    long key;
    long value;
    long output;
    long logSumExpAt;
    int block; // first query of the block

    AttentionPass(
            CpuAttention attention, AttentionShape shape, FloatMemory qkv, FloatMemory out, FloatMemory logSumExp) {
        this.gemm = attention.gemm();
        this.math = attention.math();
        this.tiles = math.scoreTiles();
        this.shape = shape;
        this.qkv = qkv;
        this.out = out;
        this.logSumExp = logSumExp;
    }

    /** Visits the tiles of queries [from, to) of query head h of a sequence. */
    final void head(int sequence, int h, int from, int to) {
        int g = h / shape.group();
        long start = shape.layout().start(sequence);
        long at = start * shape.qkvWidth();
        query = at + shape.queryColumn(h);
        key = at + shape.keyColumn(g);
        value = at + shape.valueColumn(g);
        output = start * shape.outWidth() + shape.queryColumn(h);
        logSumExpAt = shape.logSumExpAt(start, h);
        enter(sequence, h, from);
        AttentionTiles.visit(shape, from, to, this);
    }

    /** The scores of keys from key0 on for queries from query0 on. */
    final ScoreTile tileOf(int query0, int queries, int key0, int keys) {
        return new ScoreTile(keys, queries, key0 - query0, shape.window());
    }

    /** Some keys of a tile, and where their scores begin in it. */
    interface Part {
        void run(ScoreTile part, int at);
    }

    /** Runs over a tile in parts of at most {@link #PART} scores. */
    static void parts(ScoreTile tile, Part work) {
        int step = PART / tile.queries();
        for (int key = 0; key < tile.keys(); key += step) {
            work.run(tile.keys(key, Math.min(tile.keys(), key + step)), key * tile.queries());
        }
    }

    /** A head of a sequence begins at query {@code from}. */
    void enter(int sequence, int h, int from) {}
}
