package io.github.psft4j.transformer.generation;

/**
 * Bounds of a {@link ContinuousGenerator}, from which its memory follows.
 *
 * @param slots most sequences that are decoded together
 * @param longest most tokens of a sequence, prompt included; more than the model's positions are not used
 * @param waiting most sequences and scorings that wait for their turn; more are refused
 */
public record BatchLimits(int slots, int longest, int waiting) {

    /** @throws IllegalArgumentException naming the component, its value and its range */
    public BatchLimits {
        check(slots, "slots", 1);
        check(longest, "longest", 2);
        check(waiting, "waiting", 1);
    }

    private static void check(int value, String name, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be at least " + least + ", was " + value);
        }
    }
}
