package io.github.psft4j.transformer.generation;

import io.github.psft4j.kernel.SequenceLayout;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A prompt that is read in parts, so that other sequences go on between them. */
final class LongPrompt {

    private final int slot;
    private int read; // tokens of the prompt

    /** @param slot of its sequence */
    LongPrompt(int slot) {
        this.slot = slot;
    }

    int slot() {
        return slot;
    }

    /**
     * Reads the next part.
     *
     * @param most tokens of a part
     * @return the logits after the prompt {@code [1, V]}; null if there is more to read
     */
    INDArray read(CachedForward forward, GeneratedSequence s, int most) {
        int from = read;
        int n = Math.min(most, s.length - from);
        int[] ids = Arrays.copyOfRange(s.tokens, from, from + n);
        read += n;
        if (from == 0) {
            INDArray logits = forward.prompts(ids, SequenceLayout.whole(1, n), new int[] {slot});
            return read == s.length ? logits : null;
        }
        int[] slots = new int[n];
        Arrays.fill(slots, slot);
        int[] positions = new int[n];
        Arrays.setAll(positions, i -> from + i);
        forward.extend(ids, slots, positions, new int[] {n - 1});
        return read == s.length ? forward.logits(0, 1) : null;
    }
}
