package io.github.psft4j.eval.stats;

/** The standard normal distribution. */
final class Normal {

    private static final int STEPS = 100;

    /** Beyond it the share outside is below 1e-15. */
    private static final double FAR = 8;

    private Normal() {}

    /** The z below which a share p of the distribution lies, for p from 0.5 on. */
    static double quantile(double p) {
        double low = 0;
        double high = FAR;
        for (int i = 0; i < STEPS; i++) {
            double middle = low + (high - low) / 2;
            if (inside(middle) < 2 * p - 1) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /**
     * The share between -z and z: {@code sqrt(2/pi) exp(-z^2/2) sum_n z^(2n+1) / (1 3 5 ... (2n+1))} (Abramowitz and
     * Stegun, 26.2.11).
     */
    static double inside(double z) {
        double term = z;
        double sum = z;
        for (int n = 1; term > sum * 1e-17; n++) {
            term *= z * z / (2 * n + 1);
            sum += term;
        }
        return Math.sqrt(2 / Math.PI) * Math.exp(-z * z / 2) * sum;
    }
}
