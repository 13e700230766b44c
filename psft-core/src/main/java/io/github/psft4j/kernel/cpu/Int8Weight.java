package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.Bf16Array;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A weight {@code [out, in]} rounded to bytes: {@code w = scale[row] value}, where the scale of a row is its largest
 * magnitude over 127. An element moves by at most half of its row's scale.
 *
 * @param values {@code [out, in]}, in [-127, 127]
 * @param scales {@code [out]}
 */
record Int8Weight(byte[] values, float[] scales, int in) {

    private static final int MOST = 127;

    /** @throws IllegalArgumentException if the weight has 2^31 numbers or more, or one that is not finite */
    static Int8Weight of(INDArray w, WorkerPool pool, RowMath math) {
        if (w.length() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("a weight of " + w.length()
                    + " numbers does not fit an array of bytes; set the precision to bf16 or f32");
        }
        int in = (int) w.size(1);
        int out = (int) w.size(0);
        Int8Weight made = new Int8Weight(new byte[(int) w.length()], new float[out], in);
        boolean narrow = Bf16Array.is(w);
        Bf16Array halves = narrow ? Bf16Array.of(w) : null;
        FloatMemory floats = narrow ? null : FloatMemory.of(w);
        pool.share(out, (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            for (int r = from; r < to; r++) {
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
        for (int i = 0; i < in && scale > 0; i++) {
            values[r * in + i] = (byte) Math.max(-MOST, Math.min(MOST, Math.round(row[i] / scale)));
        }
    }
}
