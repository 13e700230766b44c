package io.github.psft4j.reward;

/**
 * One thing that went wrong in a call of a function.
 *
 * @param reward name of the function
 * @param kind what happened
 * @param samples number of samples that have no value because of it
 * @param message what a user should know, on one line
 */
public record RewardFailure(String reward, Kind kind, int samples, String message) {

    /** What can go wrong. */
    public enum Kind {
        /** The function threw. */
        THREW,
        /** It did not end within its time. */
        TIMEOUT,
        /** It returned another number of values than samples. */
        WRONG_NUMBER_OF_VALUES,
        /** A value is NaN or infinite. */
        NOT_FINITE,
        /** A value, or the list of them, is null. */
        NULL,
        /** The function itself says of a sample that it failed. */
        REPORTED
    }

    @Override
    public String toString() {
        return "reward " + reward + ": " + message;
    }
}
