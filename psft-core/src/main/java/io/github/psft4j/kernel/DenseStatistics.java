package io.github.psft4j.kernel;

/**
 * What a dense sweep adds to {@link TokenStatistics}: p is the policy, q the reference, V the vocabulary; everything in
 * nats, {@code [n]}. The fields of q stay 0 without a reference.
 *
 * @param meanLogProb {@code sum(log p) / V}
 * @param refLogProb {@code log q} of the target
 * @param refEntropy entropy of q
 * @param refExpSum softmax denominator of q relative to its maximum
 * @param refMax largest logit of the reference
 * @param forwardKl {@code KL(q || p) = sum(q (log q - log p))}
 * @param reverseKl {@code KL(p || q) = sum(p (log p - log q))}
 */
public record DenseStatistics(
        double[] meanLogProb,
        double[] refLogProb,
        double[] refEntropy,
        double[] refExpSum,
        double[] refMax,
        double[] forwardKl,
        double[] reverseKl) {

    /**
     * Floor of a logit's distance from its row's maximum: keeps {@code 0 * log 0} finite where a logit is -infinity.
     */
    public static final double FLOOR = -1e5;

    static DenseStatistics ofRows(int n) {
        return new DenseStatistics(
                new double[n],
                new double[n],
                new double[n],
                new double[n],
                new double[n],
                new double[n],
                new double[n]);
    }

    /** Log of the reference's softmax denominator of row t. */
    public double refLogSumExp(int t) {
        return refMax[t] + Math.log(refExpSum[t]);
    }

    /** Fills row t from sums over the vocabulary of {@code a = z - max(z)} and {@code b = zRef - max(zRef)}. */
    public void set(int t, int vocabulary, double logSum, double sumA, RefSums ref) {
        meanLogProb[t] = sumA / vocabulary - logSum;
        if (ref != null) {
            double refLogSum = Math.log(ref.expSum);
            refLogProb[t] = ref.target - refLogSum;
            refEntropy[t] = refLogSum - ref.weighted / ref.expSum;
            refExpSum[t] = ref.expSum;
            refMax[t] = ref.max;
            forwardKl[t] = ref.forward / ref.expSum - refLogSum + logSum;
            reverseKl[t] = ref.reverse - logSum + refLogSum;
        }
    }

    /** Sums of one row that involve the reference; one object per worker, reused from row to row. */
    public static final class RefSums {
        public double max;
        public double target; // zRef[y] - max
        public double expSum; // sum exp(b)
        public double weighted; // sum exp(b) b
        public double forward; // sum exp(b) (b - a)
        public double reverse; // sum p (a - b)
    }
}
