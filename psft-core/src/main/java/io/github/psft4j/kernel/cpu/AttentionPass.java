package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.gemm.Gemm;
import io.github.psft4j.kernel.cpu.gemm.Matrix;
import io.github.psft4j.kernel.cpu.gemm.Operands;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;

/** One worker's walk over tiles, forward or backward: arrays, scratch memory and where the head at hand lies. */
abstract class AttentionPass implements AttentionTiles.Visitor {

    static final long TILE = (long) AttentionTiles.QUERIES * AttentionTiles.KEYS;

    final ThreadScratch scratch = ThreadScratch.local();
    final Matrix a = Operands.local().a;
    final Matrix b = Operands.local().b;
    final Matrix c = Operands.local().c;
    final Gemm gemm;
    final RowMath math;
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

    /** A head of a sequence begins at query {@code from}. */
    void enter(int sequence, int h, int from) {}
}
