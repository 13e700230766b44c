package io.github.psft4j.kernel;

/**
 * Scalars of {@link VocabularySoftmax#denseGrad}, one of each per token row. With p the policy, q the reference and e
 * the one-hot target,
 *
 * <pre>
 * gradient = target (p - e) + softmax p + softmaxLog p log p + reference q + softmaxLogReference p log q + uniform
 * </pre>
 *
 * @param target factor on {@code p - e}, {@code [n]}
 * @param softmax factor on {@code p}, {@code [n]}
 * @param softmaxLog factor on {@code p log p}, {@code [n]}
 * @param reference factor on {@code q}, {@code [n]}
 * @param softmaxLogReference factor on {@code p log q}, {@code [n]}
 * @param uniform added to every logit's gradient, {@code [n]}
 */
public record RowGradient(
        double[] target,
        double[] softmax,
        double[] softmaxLog,
        double[] reference,
        double[] softmaxLogReference,
        double[] uniform) {

    /** Whether row t has no gradient at all. */
    public boolean isZero(int t) {
        return target[t] == 0
                && softmax[t] == 0
                && softmaxLog[t] == 0
                && reference[t] == 0
                && softmaxLogReference[t] == 0
                && uniform[t] == 0;
    }
}
