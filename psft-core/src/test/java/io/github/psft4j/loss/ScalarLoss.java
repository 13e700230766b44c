package io.github.psft4j.loss;

/** One token's log-prob, entropy, loss and gradient by loops and {@link Math}, written from the formulas alone. */
final class ScalarLoss {

    private ScalarLoss() {}

    static double logSumExp(double[] z) {
        double max = Double.NEGATIVE_INFINITY;
        for (double x : z) {
            max = Math.max(max, x);
        }
        double sum = 0;
        for (double x : z) {
            sum += Math.exp(x - max);
        }
        return max + Math.log(sum);
    }

    static double logProb(double[] z, int y) {
        return z[y] - logSumExp(z);
    }

    static double entropy(double[] z) {
        double entropy = 0;
        for (int v = 0; v < z.length; v++) {
            double logp = logProb(z, v);
            entropy -= Math.exp(logp) * logp;
        }
        return entropy;
    }

    /** {@code exp(clamp(log p - log p_old))}; 1 where the old policy is the current one. */
    static double ratio(double[] z, int y, double old) {
        if (old == Double.POSITIVE_INFINITY) {
            return 1;
        }
        double d = logProb(z, y) - old;
        return Math.exp(d > 20 ? 20 : d < -20 ? -20 : d);
    }

    static double psft(double[] z, int y, double old, double epsLow, double epsHigh) {
        double r = ratio(z, y, old);
        double clipped = r > 1 + epsHigh ? 1 + epsHigh : r < 1 - epsLow ? 1 - epsLow : r;
        return r < clipped ? -r : -clipped;
    }

    /** Coefficient of {@code softmax - onehot}: the ratio, 0 beyond the upper clip or the bound of 20 nats. */
    static double psftCoefficient(double[] z, int y, double old, double epsHigh) {
        double r = ratio(z, y, old);
        boolean bounded = old != Double.POSITIVE_INFINITY && Math.abs(logProb(z, y) - old) > 20;
        return r > 1 + epsHigh || bounded ? 0 : r;
    }

    /** {@code coefficient * (softmax - onehot(y))}. */
    static double[] gradient(double[] z, int y, double coefficient) {
        double[] gradient = new double[z.length];
        for (int v = 0; v < z.length; v++) {
            gradient[v] = coefficient * (Math.exp(logProb(z, v)) - (v == y ? 1 : 0));
        }
        return gradient;
    }
}
