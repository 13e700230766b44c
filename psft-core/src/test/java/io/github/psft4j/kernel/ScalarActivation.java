package io.github.psft4j.kernel;

/** {@link Activation} as its textbook formulas, one number at a time. */
public final class ScalarActivation {

    private ScalarActivation() {}

    public static double value(Activation a, double x) {
        return switch (a) {
            case SILU -> x * sigmoid(x);
            case QUICK_GELU -> x * sigmoid(1.702 * x);
            case GELU -> x * normalCdf(x);
            case GELU_TANH -> 0.5 * x * (1 + Math.tanh(tanhArgument(x)));
            case RELU -> Math.max(x, 0);
        };
    }

    public static double slope(Activation a, double x) {
        return switch (a) {
            case SILU -> sigmoid(x) * (1 + x * (1 - sigmoid(x)));
            case QUICK_GELU -> sigmoid(1.702 * x) * (1 + 1.702 * x * (1 - sigmoid(1.702 * x)));
            case GELU -> normalCdf(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
            case GELU_TANH -> {
                double tanh = Math.tanh(tanhArgument(x));
                double inner = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
                yield 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh) * (1 + tanh) * inner;
            }
            case RELU -> x > 0 ? 1 : 0;
        };
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double tanhArgument(double x) {
        return Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
    }

    /**
     * Series {@code Phi(x) = 1/2 + phi(x) (x + x³/3 + x⁵/15 + ..)} (Marsaglia 2004), exact to rounding for |x| below 7.
     */
    private static double normalCdf(double x) {
        if (Math.abs(x) > 7) {
            return x > 0 ? 1 - tail(x) : tail(-x);
        }
        double term = x;
        double sum = x;
        for (int i = 3; Math.abs(term) > 1e-20; i += 2) {
            term *= x * x / i;
            sum += term;
        }
        return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    /** Asymptotic {@code 1 - Phi(x)} for large x. */
    private static double tail(double x) {
        return Math.exp(-x * x / 2) / (x * Math.sqrt(2 * Math.PI));
    }
}
