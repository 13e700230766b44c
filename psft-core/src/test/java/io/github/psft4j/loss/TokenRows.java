package io.github.psft4j.loss;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Token rows in plain Java, and the 2-d arrays in which a stock output layer hands them to a loss. */
final class TokenRows {

    static final IActivation SOFTMAX = new ActivationSoftmax();

    final double[][] logits; // [N, V]
    final double[] ids; // [N]
    final double[] old; // [N]
    final double[] mask; // [N]

    TokenRows(double[][] logits, double[] ids, double[] old, double[] mask) {
        this.logits = logits;
        this.ids = ids;
        this.old = old;
        this.mask = mask;
    }

    /** Rows with ratios around the clip range, three in four trained, the first one always. */
    static TokenRows random(long seed, int rows, int vocabulary) {
        Random random = new Random(seed);
        TokenRows out =
                new TokenRows(new double[rows][vocabulary], new double[rows], new double[rows], new double[rows]);
        for (int i = 0; i < rows; i++) {
            for (int v = 0; v < vocabulary; v++) {
                out.logits[i][v] = (float) (1.5 * random.nextGaussian());
            }
            int y = random.nextInt(vocabulary);
            out.ids[i] = y;
            out.old[i] = (float) (ScalarLoss.logProb(out.logits[i], y) - 0.4 * random.nextGaussian());
            out.mask[i] = i == 0 || random.nextDouble() < 0.75 ? 1 : 0;
        }
        return out;
    }

    /** The given rows, in the given order; a copy. */
    TokenRows select(int... rows) {
        TokenRows out = new TokenRows(
                new double[rows.length][], new double[rows.length], new double[rows.length], new double[rows.length]);
        for (int i = 0; i < rows.length; i++) {
            out.logits[i] = logits[rows[i]].clone();
            out.ids[i] = ids[rows[i]];
            out.old[i] = old[rows[i]];
            out.mask[i] = mask[rows[i]];
        }
        return out;
    }

    /** Rows [from, to); a copy. */
    TokenRows range(int from, int to) {
        return select(IntStream.range(from, to).toArray());
    }

    TokenRows copy() {
        return range(0, size());
    }

    /** The same rows with pi_old = pi_theta by {@link Column#CURRENT}. */
    TokenRows current() {
        TokenRows out = copy();
        Arrays.fill(out.old, Column.CURRENT);
        return out;
    }

    int size() {
        return logits.length;
    }

    int id(int row) {
        return (int) ids[row];
    }

    boolean trained(int row) {
        return mask[row] == 1;
    }

    int trainedTokens() {
        return (int) Arrays.stream(mask).sum();
    }

    INDArray logits(DataType type) {
        return Nd4j.createFromArray(logits).castTo(type);
    }

    /** Token ids, and old log-probs where the loss takes them. */
    INDArray labels(TokenLoss loss, DataType type) {
        double[][] values = new double[size()][];
        for (int i = 0; i < size(); i++) {
            values[i] = loss.objective().columns().isEmpty() ? new double[] {ids[i]} : new double[] {ids[i], old[i]};
        }
        return Nd4j.createFromArray(values).castTo(type);
    }

    INDArray mask(DataType type) {
        return Nd4j.createFromArray(mask).castTo(type).reshape(size(), 1);
    }

    /** Elements in 'c' order, to be compared bit for bit: INDArray.equals allows 1e-5. */
    static double[] values(INDArray array) {
        return array.castTo(DataType.DOUBLE).dup('c').data().asDouble();
    }

    double score(TokenLoss loss, DataType type) {
        return loss.computeScore(labels(loss, type), logits(type), SOFTMAX, mask(type), false);
    }

    double[] scoreArray(TokenLoss loss, DataType type) {
        return values(loss.computeScoreArray(labels(loss, type), logits(type), SOFTMAX, mask(type)));
    }

    double[][] gradient(TokenLoss loss, DataType type) {
        return loss.computeGradient(labels(loss, type), logits(type), SOFTMAX, mask(type))
                .castTo(DataType.DOUBLE)
                .toDoubleMatrix();
    }
}
