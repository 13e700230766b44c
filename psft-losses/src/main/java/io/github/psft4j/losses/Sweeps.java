package io.github.psft4j.losses;

import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.LabelReader;
import io.github.psft4j.loss.LossSweep;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.loss.TokenObjective;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A mini-batch in plain arrays, worked through the kernels as the language-model head does: labels are read, trained
 * rows gathered, and chunks swept.
 */
final class Sweeps {

    final int batch;
    final int time;
    final int vocabulary;
    final double[] logits; // [B, T, V]
    final double[] reference; // [B, T, V]
    final double[] ids; // [B, T]
    final double[] mask; // [B, T]
    final Map<Column, double[]> columns = new EnumMap<>(Column.class); // each [B, T]

    Sweeps(int batch, int time, int vocabulary) {
        this(
                batch,
                time,
                vocabulary,
                new double[batch * time * vocabulary],
                new double[batch * time * vocabulary],
                new double[batch * time],
                new double[batch * time]);
    }

    Sweeps(int batch, int time, int vocabulary, double[] logits, double[] reference, double[] ids, double[] mask) {
        this.batch = batch;
        this.time = time;
        this.vocabulary = vocabulary;
        this.logits = logits;
        this.reference = reference;
        this.ids = ids;
        this.mask = mask;
    }

    /** The same sequences in another order. */
    Sweeps permuted(int[] order) {
        Sweeps moved = new Sweeps(
                batch,
                time,
                vocabulary,
                permuted(logits, order),
                permuted(reference, order),
                permuted(ids, order),
                permuted(mask, order));
        columns.forEach((column, values) -> moved.columns.put(column, permuted(values, order)));
        return moved;
    }

    /** Equal parts of an array in another order. */
    static double[] permuted(double[] from, int[] order) {
        double[] to = new double[from.length];
        int n = from.length / order.length;
        for (int i = 0; i < order.length; i++) {
            System.arraycopy(from, order[i] * n, to, i * n, n);
        }
        return to;
    }

    /** Losses {@code [B, T]} before aggregation and the gradient {@code [B, T, V]} of the aggregated value. */
    record Result(double value, double[] losses, double[] gradient) {}

    Result run(TokenObjective objective, DataType type) {
        return run(objective, Aggregation.SUM, type, Integer.MAX_VALUE);
    }

    /** Everything in chunks of at most the given number of rows. */
    Result run(TokenObjective objective, Aggregation aggregation, DataType type, int chunk) {
        TensorOps ops = TensorOpsFactory.forType(type);
        int width = 1 + objective.columns().size();
        double[] labels = new double[batch * width * time]; // [B, C, T]
        for (int b = 0; b < batch; b++) {
            System.arraycopy(ids, b * time, labels, b * width * time, time);
            for (Column c : objective.columns()) {
                int channel = c.channel(objective.columns());
                System.arraycopy(columns.get(c), b * time, labels, (b * width + channel) * time, time);
            }
        }
        TokenBatch tokens = LabelReader.sequences(
                array(labels, type, batch, width, time), array(mask, type, batch, time), objective, vocabulary);
        INDArray all = array(logits, type, batch * time, vocabulary);
        INDArray allReference = array(reference, type, batch * time, vocabulary);
        LossSweep sweep = new TokenLoss(objective, aggregation)
                .withReference(rows -> gathered(ops, allReference, rows))
                .sweep(tokens);
        boolean twoPasses = objective.scope() != Scope.TOKEN;
        int n = tokens.size();
        INDArray gradient = Nd4j.create(type, new long[] {batch * time, vocabulary}, 'c');
        for (int pass = twoPasses ? 0 : 1; pass < 2; pass++) {
            for (int from = 0; from < n; from += Math.min(chunk, n)) {
                int to = Math.min(n, from + Math.min(chunk, n));
                int[] rows = Arrays.copyOfRange(tokens.rows(), from, to);
                INDArray z = gathered(ops, all, rows);
                sweep.read(ops, z, from);
                if (!twoPasses) {
                    sweep.accept(from, to);
                }
                if (pass == 1) {
                    sweep.gradient(ops, z, from);
                    ops.vectors().scatterAddRows(z, rows, gradient);
                }
            }
            if (twoPasses && pass == 0) {
                sweep.accept(0, n);
            }
        }
        double[] losses = new double[batch * time];
        for (int t = 0; t < n; t++) {
            losses[tokens.rows()[t]] = sweep.loss(t);
        }
        return new Result(sweep.report().value(), losses, values(gradient));
    }

    private INDArray gathered(TensorOps ops, INDArray table, int[] rows) {
        INDArray out = Nd4j.create(table.dataType(), new long[] {rows.length, vocabulary}, 'c');
        ops.vectors().gatherRows(table, rows, out);
        return out;
    }

    private static INDArray array(double[] values, DataType type, long... shape) {
        return Nd4j.createFromArray(values).castTo(type).reshape('c', shape);
    }

    static double[] values(INDArray array) {
        return array.castTo(DataType.DOUBLE).dup('c').data().asDouble();
    }
}
