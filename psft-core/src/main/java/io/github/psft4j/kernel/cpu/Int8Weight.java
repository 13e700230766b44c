package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.Bf16Array;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.Int8Rows;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A weight {@code [out, in]} rounded to bytes: {@code w = scale[row] value}, where the scale of a row is its largest
 * magnitude over 127. An element moves by at most half of its row's scale.
 *
 * @param values in [-127, 127], {@code [blocks, in, LANES]} as {@link Int8Rows} reads them; the last block is filled up
 *     with zeros
 * @param scales {@code [blocks LANES]}, zeros behind the last row
 */
record Int8Weight(byte[] values, float[] scales, int in, int out) {

    private static final int MOST = 127;

    /** @throws IllegalArgumentException if the weight has 2^31 numbers or more, or one that is not finite */
    static Int8Weight of(INDArray w, WorkerPool pool, RowMath math) {
        int in = (int) w.size(1);
        int out = (int) w.size(0);
        int blocks = (out + Int8Rows.LANES - 1) / Int8Rows.LANES;
        long numbers = (long) blocks * Int8Rows.LANES * in;
        if (numbers > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("a weight of " + w.length()
                    + " numbers does not fit an array of bytes; set the precision to bf16 or f32");
        }
        Int8Weight made = new Int8Weight(new byte[(int) numbers], new float[blocks * Int8Rows.LANES], in, out);
        boolean narrow = Bf16Array.is(w);
        Bf16Array halves = narrow ? Bf16Array.of(w) : null;
        FloatMemory floats = narrow ? null : FloatMemory.of(w);
        pool.share(blocks, (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            for (int r = from * Int8Rows.LANES; r < Math.min(out, to * Int8Rows.LANES); r++) {
                long at = (long) r * in;
                float[] row;
                if (narrow) {
                    row = scratch.widened(math, halves, at, in);
                } else {
                    row = scratch.array(0, in);
                    floats.get(at, row, in);
                }
                made.round(r, row);
            }
        });
        return made;
    }

    /** Blocks of rows. */
    int blocks() {
        return scales.length / Int8Rows.LANES;
    }

    /** Where a block begins in the values. */
    int at(int block) {
        return block * Int8Rows.LANES * in;
    }

    private void round(int r, float[] row) {
        float most = 0;
        for (int i = 0; i < in; i++) {
            most = Math.max(most, Math.abs(row[i])); // NaN stays
        }
        if (!(most < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("row " + r + " of a weight has a number that is NaN or infinite; the"
                    + " model's weights are damaged");
        }
        float scale = most / MOST;
        scales[r] = scale;
        int first = at(r / Int8Rows.LANES) + r % Int8Rows.LANES;
        for (int i = 0; i < in && scale > 0; i++) {
            int value = Math.max(-MOST, Math.min(MOST, Math.round(row[i] / scale)));
            values[first + i * Int8Rows.LANES] = (byte) value;
        }
    }
}
