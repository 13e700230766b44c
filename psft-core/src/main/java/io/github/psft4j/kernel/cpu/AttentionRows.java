package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;

/** Zeros where the passes of attention write nothing else. */
final class AttentionRows {

    private static final float[] ZEROS = new float[256]; // never written to

    private AttentionRows() {}

    /** Zeros n floats. */
    static void zero(FloatMemory memory, long at, int n) {
        for (int i = 0; i < n; i += ZEROS.length) {
            memory.put(at + i, ZEROS, Math.min(ZEROS.length, n - i));
        }
    }

    /** Zeros the first n floats of rows that lie {@code stride} apart. */
    static void zeroRows(FloatMemory memory, long at, int rows, int stride, int n) {
        for (int i = 0; i < rows; i++) {
            zero(memory, at + (long) i * stride, n);
        }
    }

    /** Zeros a worker's share of the token rows that belong to no sequence. */
    static void zeroPadding(AttentionShape s, FloatMemory memory, int width, int worker, int workers) {
        SequenceLayout layout = s.layout();
        if (layout.isWhole()) {
            return;
        }
        int end = WorkerPool.start(s.rows(), worker + 1, workers);
        for (int row = WorkerPool.start(s.rows(), worker, workers); row < end; row++) {
            if (layout.sequence(row) == SequenceLayout.PADDING) {
                zero(memory, (long) row * width, width);
            }
        }
    }
}
