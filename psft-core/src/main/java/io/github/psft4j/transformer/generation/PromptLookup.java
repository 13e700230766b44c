package io.github.psft4j.transformer.generation;

import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.Arrays;

/**
 * Proposes the next tokens of a text that repeats itself: those that followed its last tokens when these came before
 * (prompt lookup decoding, Saxena 2023). No second model is needed.
 */
final class PromptLookup {

    /** Fewest last tokens that must have come before: a single one says too little of what follows. */
    private static final int SHORTEST = 2;

    /** Most last tokens that are compared, which bounds the time of a search. */
    private static final int LONGEST = 32;

    private static final int[] NOTHING = {};

    private PromptLookup() {}

    /** @throws IllegalArgumentException if the settings want it of a model that reads no several tokens at once */
    static void check(GenerationConfig settings, DecoderConfig config) {
        if (settings.lookup() > 0 && CachedForward.followsLength(config)) {
            throw new IllegalArgumentException("lookup must be 0 for a model with dynamic RoPE scaling, was "
                    + settings.lookup() + ": the rotation of its tokens follows the length of the sequence");
        }
    }

    /**
     * What followed the longest repeated suffix of a sequence; of several places, the last. Where that reaches the end
     * of the sequence, the proposal goes on with its own beginning.
     *
     * @param tokens the sequence in its first {@code length} elements
     * @param most tokens of the proposal; nothing is searched for below 1
     * @return {@code most} tokens, or none if no suffix came before
     */
    static int[] propose(int[] tokens, int length, int most) {
        if (most < 1) {
            return NOTHING;
        }
        int best = SHORTEST - 1;
        int follows = -1; // place behind the repeated suffix
        for (int end = length - 1; end >= SHORTEST && best < LONGEST; end--) {
            int same = same(tokens, length, end);
            if (same > best) {
                best = same;
                follows = end;
            }
        }
        if (follows < 0) {
            return NOTHING;
        }
        int[] all = Arrays.copyOf(tokens, length + most);
        for (int j = 0; j < most; j++) {
            all[length + j] = all[follows + j];
        }
        return Arrays.copyOfRange(all, length, length + most);
    }

    /** How many tokens before {@code end} are the last ones of the sequence. */
    private static int same(int[] tokens, int length, int end) {
        int n = 0;
        while (n < Math.min(end, LONGEST) && tokens[end - 1 - n] == tokens[length - 1 - n]) {
            n++;
        }
        return n;
    }
}
