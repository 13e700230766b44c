package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.Views.narrow;
import static io.github.psft4j.kernel.Views.rowRange;

import io.github.psft4j.kernel.Attention;
import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rotary positions by operations of ND4J. */
public final class Nd4jRotary {

    private Nd4jRotary() {}

    /** See {@link Attention#rotate}. */
    public static void rotate(
            INDArray qkv, AttentionShape shape, RotaryTable table, int firstPosition, boolean inverse) {
        table.check(shape, firstPosition);
        int half = shape.headDim() / 2;
        boolean whole = shape.layout().isWhole();
        AttentionShape rows = whole ? shape : shape.within(SequenceLayout.whole(1, shape.rows()));
        float[] cos = angles(table.cos(), firstPosition, 0, rows.time(), half, shape.layout(), 1);
        float[] sin = angles(table.sin(), firstPosition, 0, rows.time(), half, shape.layout(), inverse ? -1 : 1);
        rotate(qkv, rows, cos, sin);
    }

    /**
     * See {@link Attention#rotate}: of the token rows [from, to) of the shape alone, {@code [to - from, (H + 2 KV) *
     * d]}.
     */
    public static void rotate(
            INDArray qkv,
            AttentionShape shape,
            RotaryTable table,
            int firstPosition,
            boolean inverse,
            int from,
            int to) {
        float[] cos = angles(table.cos(), firstPosition, from, to, table.half(), shape.layout(), 1);
        float[] sin = angles(table.sin(), firstPosition, from, to, table.half(), shape.layout(), inverse ? -1 : 1);
        rotate(qkv, shape.within(SequenceLayout.whole(1, to - from)), cos, sin);
    }

    /** Rotates token t of every sequence by the angles {@code [T, d/2]} of row t. */
    public static void rotate(INDArray qkv, AttentionShape shape, float[] cosines, float[] sines) {
        int time = shape.time();
        int half = shape.headDim() / 2;
        int rotated = shape.heads() + shape.kvHeads(); // queries and keys; values follow
        long rows = (long) shape.batch() * rotated;
        long width = (long) time * half;
        INDArray all = qkv.reshape('c', shape.batch(), time, rotated + shape.kvHeads(), 2, half);
        INDArray pairs = narrow(all, 2, 0, rotated).permute(3, 0, 2, 1, 4); // [2, B, H + KV, T, d/2]
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(qkv.dataType())) {
            INDArray cos = tmp.vector(cosines); // [T * d/2]
            INDArray sin = tmp.vector(sines);
            INDArray x = tmp.empty(2 * rows, width);
            x.reshape('c', 2, shape.batch(), rotated, time, half).assign(pairs);
            INDArray crossed = tmp.empty(2 * rows, width).assign(x);
            x.muliRowVector(cos);
            crossed.muliRowVector(sin);

            // (a, b) -> (a cos - b sin, b cos + a sin)
            rowRange(x, 0, rows).subi(rowRange(crossed, rows, 2 * rows));
            rowRange(x, rows, 2 * rows).addi(rowRange(crossed, 0, rows));
            pairs.assign(x.reshape('c', 2, shape.batch(), rotated, time, half));
        }
    }

    /**
     * Entries of the table, times the factor, for the positions of the token rows [from, to), {@code [to - from, d/2]}.
     */
    private static float[] angles(
            float[] table, int first, int from, int to, int half, SequenceLayout layout, float factor) {
        float[] angles = new float[(to - from) * half];
        for (int row = from; row < to; row++) {
            int at = (first + layout.position(row)) * half;
            for (int i = 0; i < half; i++) {
                angles[(row - from) * half + i] = factor * table[at + i];
            }
        }
        return angles;
    }
}
