package io.github.psft4j.kernel;

/**
 * Pointwise non-linearities of a feed-forward. All have the form {@code y = x g(x)} with a gate g between 0 and 1,
 * {@code s(x) = 1 / (1 + exp(-x))}.
 */
public enum Activation {
    /** {@code g = s(x)} (Swish; Ramachandran et al., arXiv 1710.05941). */
    SILU,

    /** {@code g = s(1.702 x)} (Hendrycks and Gimpel, arXiv 1606.08415). */
    QUICK_GELU,

    /** {@code g = (1 + erf(x / sqrt(2))) / 2}, the exact form of arXiv 1606.08415. */
    GELU,

    /**
     * {@code g = (1 + tanh(u)) / 2 = s(2u)}, {@code u = sqrt(2/pi) (x + 0.044715 x³)}: GPT-2's form of arXiv
     * 1606.08415.
     */
    GELU_TANH,

    /** {@code g = 1} where x is above 0, else 0. */
    RELU;

    /** Slope of {@link #QUICK_GELU}'s gate. */
    public static final double QUICK = 1.702;

    /** {@code 2 sqrt(2/pi)} of {@link #GELU_TANH}. */
    public static final double TANH_SLOPE = 2 * Math.sqrt(2 / Math.PI);

    /** Weight of the cube in {@link #GELU_TANH}. */
    public static final double TANH_CUBE = 0.044715;
}
