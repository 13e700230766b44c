package io.github.psft4j.eval.stats;

/** Student's t distribution with a whole number of degrees of freedom. */
final class StudentT {

    private static final int STEPS = 200;

    private StudentT() {}

    /** The t below which a share p of the distribution lies, for p from 0.5 on. */
    static double quantile(double p, int degrees) {
        double low = 0;
        double high = 1;
        while (inside(high, degrees) < 2 * p - 1 && high < 1e300) {
            high *= 2;
        }
        for (int i = 0; i < STEPS; i++) {
            double middle = low + (high - low) / 2;
            if (inside(middle, degrees) < 2 * p - 1) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** The share between -t and t: a finite sum (Abramowitz and Stegun, 26.7.3 and 26.7.4). */
    static double inside(double t, int degrees) {
        double angle = Math.atan2(t, Math.sqrt(degrees));
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        boolean odd = degrees % 2 == 1;
        double term = odd ? cos : 1;
        double sum = degrees == 1 ? 0 : term;
        for (int j = odd ? 3 : 2; j <= degrees - 2; j += 2) {
            term *= cos * cos * (j - 1) / j;
            sum += term;
        }
        return odd ? 2 / Math.PI * (angle + sin * sum) : sin * sum;
    }
}
