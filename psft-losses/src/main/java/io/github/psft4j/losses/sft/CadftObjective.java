package io.github.psft4j.losses.sft;

import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * DFT with hard sequences of the batch turned down (CADFT, arXiv 2606.11206; no code is public).
 *
 * <pre>
 * c   = mean over the sequence of -log p_y        ĉ = (c - mean(c)) / (std(c) + 1e-6) over the sequences of the batch
 * w   = exp(-beta max(0, ĉ))
 * L_t = -sg(w p_y) log p_y                dL_t/dlogits = w p_y (p - onehot(y))
 * </pre>
 *
 * <p>std divides by the number of sequences; sequences without a trained token do not count. Unit: nats/token. The
 * paper's delayed rewriting of hard sequences is a matter of data and is not here.
 *
 * <p>When to use: noisy demonstrations. Weakness: a weight depends on its companions in the batch, so batches must be
 * large and must not be cut into micro-batches.
 *
 * @param beta strength, 0 or above; default 1
 */
@Doc("CADFT: DFT with sequences that are harder than the batch turned down")
public record CadftObjective(@Doc("strength, 0 or above") double beta) implements TokenObjective {

    private static final double STD_EPSILON = 1e-6;

    /** Strength 1. */
    public CadftObjective() {
        this(1);
    }

    /** @throws IllegalArgumentException if beta is negative or not a number */
    public CadftObjective {
        ParameterException.check(beta >= 0, "beta", "must be 0 or above", beta);
    }

    @Override
    public Scope scope() {
        return Scope.BATCH;
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        double[] weight = weights(tokens.sequenceSums(t -> -tokens.logProb(t)), tokens.sequenceLengths());
        for (int t = from; t < to; t++) {
            double c = weight[tokens.sequence(t)] * Math.exp(tokens.logProb(t));
            out.set(t, -c * tokens.logProb(t), c);
        }
    }

    /** Weight of every sequence. */
    private double[] weights(double[] sums, int[] lengths) {
        double sum = 0;
        double squares = 0;
        int n = 0;
        for (int s = 0; s < sums.length; s++) {
            sum += lengths[s] > 0 ? sums[s] / lengths[s] : 0;
            n += lengths[s] > 0 ? 1 : 0;
        }
        double mean = sum / n;
        for (int s = 0; s < sums.length; s++) {
            double d = lengths[s] > 0 ? sums[s] / lengths[s] - mean : 0;
            squares += d * d;
        }
        double std = Math.sqrt(squares / n);
        double[] weight = new double[sums.length];
        for (int s = 0; s < sums.length; s++) {
            double standard = (sums[s] / Math.max(1, lengths[s]) - mean) / (std + STD_EPSILON);
            weight[s] = Math.exp(-beta * Math.max(0, standard));
        }
        return weight;
    }
}
