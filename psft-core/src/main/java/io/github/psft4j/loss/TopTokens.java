package io.github.psft4j.loss;

import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TokenStatistics;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The policy's k largest logits at every trained token, largest first; k is at most the vocabulary. */
public final class TopTokens {

    private final int size;
    private final int[] ids; // [n k]
    private final double[] logits; // [n k]
    private final TokenStatistics statistics;

    TopTokens(int size, TokenStatistics statistics) {
        int n = statistics.logProb().length;
        this.size = size;
        this.ids = new int[n * size];
        this.logits = new double[n * size];
        this.statistics = statistics;
    }

    /** Fills tokens [from, from + rows of the logits) from logits {@code [rows, V]}, which are only read. */
    public void read(TensorOps ops, INDArray rows, int from) {
        ops.softmax().topK(rows, size, from, ids, logits);
    }

    /** The smaller of k and the vocabulary. */
    public int effective(int k) {
        return Math.min(k, size);
    }

    /** Id of the j-th likeliest token at token t. */
    public int id(int t, int j) {
        return ids[t * size + j];
    }

    /** Log-prob of the j-th likeliest token at token t, nats. */
    public double logProb(int t, int j) {
        return logits[t * size + j] - statistics.logSumExp(t);
    }

    /** Probability of the k likeliest tokens at token t together. */
    public double mass(int t, int k) {
        double logSumExp = statistics.logSumExp(t);
        double mass = 0;
        for (int j = 0; j < effective(k); j++) {
            mass += Math.exp(logits[t * size + j] - logSumExp);
        }
        return mass;
    }

    /** Entropy, in nats, of the k likeliest tokens at token t as a distribution of their own. */
    public double entropy(int t, int k) {
        double max = logits[t * size];
        double sum = 0;
        double weighted = 0;
        for (int j = 0; j < effective(k); j++) {
            double d = logits[t * size + j] - max;
            double e = Math.exp(d);
            sum += e;
            weighted += e == 0 ? 0 : e * d;
        }
        return Math.log(sum) - weighted / sum;
    }
}
