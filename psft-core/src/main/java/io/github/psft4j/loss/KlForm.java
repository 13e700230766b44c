package io.github.psft4j.loss;

import java.util.Locale;

/**
 * How the KL from policy to reference is taken at one sampled token.
 *
 * <pre>
 * d = log p_y - log q_y                             nats
 * K1 = d        K2 = d² / 2        K3 = exp(-d) + d - 1        K3_RATIO = r K3, r = p_y / p_old
 * </pre>
 *
 * <p>Source: J. Schulman, Approximating KL divergence (2020); K3_RATIO: arXiv 2512.02556, TRL's default since 1.0. The
 * value of each is an estimate of the KL for tokens that p_old sampled, K2 a biased one. Its gradient is that of the KL
 * for K2 and K3_RATIO only: in a loss K1 anchors nothing, and K3 has the gradient of the other direction.
 */
public enum KlForm {
    /** The log-ratio itself. */
    K1,
    /** Half its square. */
    K2,
    /** The ratio's distance from its logarithm, never negative. */
    K3,
    /** K3 times the ratio to pi_old, which is differentiated too. */
    K3_RATIO,
    /** No estimate from one token but the KL over the whole vocabulary, which costs a pass of the reference. */
    FULL;

    /** Whether the sampled token is enough. */
    public boolean isOfToken() {
        return this != FULL;
    }

    /** Name in logs: kl_k3_ratio for {@link #K3_RATIO}. */
    public String label() {
        return "kl_" + name().toLowerCase(Locale.ROOT);
    }

    /**
     * The estimate.
     *
     * @param d log p_y - log q_y, nats
     * @param ratio p_y / p_old
     */
    public double value(double d, double ratio) {
        return switch (this) {
            case K1 -> d;
            case K2 -> d * d / 2;
            case K3 -> Math.expm1(-d) + d;
            case K3_RATIO -> ratio * (Math.expm1(-d) + d);
            case FULL -> throw ofVocabulary();
        };
    }

    /** Derivative of {@link #value} with respect to log p_y. */
    public double slope(double d, double ratio) {
        return switch (this) {
            case K1 -> 1;
            case K2 -> d;
            case K3 -> -Math.expm1(-d);
            case K3_RATIO -> ratio * d; // ratio (exp(-d) + d - 1) + ratio (1 - exp(-d))
            case FULL -> throw ofVocabulary();
        };
    }

    private static IllegalStateException ofVocabulary() {
        return new IllegalStateException("FULL is a sum over the vocabulary, not an estimate from one token");
    }
}
