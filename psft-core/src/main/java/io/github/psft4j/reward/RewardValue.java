package io.github.psft4j.reward;

import java.util.Objects;

/**
 * What one function says of one sample: a number, "not applicable", or that it failed.
 *
 * @param state which of the three
 * @param value the reward; 0 unless there is one
 * @param note why, for the table of samples; empty if there is nothing to say
 */
public record RewardValue(State state, double value, String note) {

    /** Whether there is a number. */
    public enum State {
        /** There is a number. */
        VALUE,
        /** The function has no opinion on this sample; it is left out of mean and deviation. */
        NOT_APPLICABLE,
        /** The function should have had an opinion and broke; the sample has no total. */
        FAILED
    }

    /** Refuses a value that is no number: a function that has none says so by its state. */
    public RewardValue {
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(note, "note");
        if (state != State.VALUE && value != 0) {
            throw new IllegalArgumentException("only the state VALUE carries a number, was " + state + " " + value);
        }
    }

    /** A reward. */
    public static RewardValue of(double value) {
        return new RewardValue(State.VALUE, value, "");
    }

    /** A reward and the reason for it. */
    public static RewardValue of(double value, String note) {
        return new RewardValue(State.VALUE, value, note);
    }

    /** No opinion, and why. */
    public static RewardValue notApplicable(String note) {
        return new RewardValue(State.NOT_APPLICABLE, 0, note);
    }

    /** A failure, and what failed. */
    public static RewardValue failed(String note) {
        return new RewardValue(State.FAILED, 0, note);
    }

    /** Whether there is a number. */
    public boolean isNumber() {
        return state == State.VALUE;
    }
}
