package io.github.psft4j.reward;

/** A reward fails again and again, so that nothing can be learned from it. */
public final class RewardException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message what failed, how often, and the way out */
    public RewardException(String message) {
        super(message);
    }
}
