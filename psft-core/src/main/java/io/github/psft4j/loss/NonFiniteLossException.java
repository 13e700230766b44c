package io.github.psft4j.loss;

/**
 * A trained token has a log-prob, loss or gradient coefficient that is NaN or infinite. It is thrown before any weight
 * changes; the trainer skips the step.
 */
public final class NonFiniteLossException extends ArithmeticException {

    private static final long serialVersionUID = 1L;

    /** @param problem what is not finite */
    public NonFiniteLossException(String problem) {
        this(problem, ": lower the learning rate or go back to a checkpoint");
    }

    private NonFiniteLossException(String problem, String remedy) {
        super(problem + remedy);
    }

    /** The exception of another process, with its whole message. */
    public static NonFiniteLossException repeated(String message) {
        return new NonFiniteLossException(message, "");
    }

    /**
     * @param objective objective or pass that found it
     * @param t the token
     */
    public NonFiniteLossException(String objective, TokenBatch tokens, int t, double loss) {
        super("objective " + objective + " is not finite at row " + tokens.rows()[t] + " (sequence "
                + tokens.sequence(t)
                + ", token id " + tokens.targets()[t] + "): log-prob " + tokens.logProb(t) + ", loss " + loss
                + (Double.isFinite(tokens.logProb(t))
                        ? ". The log-prob is finite: look at the objective, its label columns and weights, and for"
                                + " infinite"
                                + " logits of other tokens"
                        : ". The logits or weights hold NaN or infinity: lower the learning rate or go back to a"
                                + " checkpoint"));
    }
}
