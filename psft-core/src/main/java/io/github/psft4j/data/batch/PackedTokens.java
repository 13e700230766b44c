package io.github.psft4j.data.batch;

import io.github.psft4j.kernel.Segments;
import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Demonstrations laid out in rows for a pass without gradients: what {@link PackedBatch} says in arrays, as plain numbers.
 *
 * @param ids token ids {@code [B * T]}, 0 for padding
 * @param layout sequence i is demonstration i without its last token
 * @param tokens the trained tokens; a row predicts the token behind its own in the demonstration
 */
public record PackedTokens(int[] ids, Segments layout, TokenBatch tokens) {

    /** The demonstrations laid out as given. */
    public static PackedTokens of(List<Demonstration> demonstrations, Segments layout) {
        return of(demonstrations, layout, RowNeeds.NONE, Integer.MAX_VALUE);
    }

    /**
     * The same.
     *
     * @param needs what the pass is to fill in beside log-prob and entropy
     * @param vocabulary number of logits per token
     */
    public static PackedTokens of(List<Demonstration> demonstrations, Segments layout, RowNeeds needs, int vocabulary) {
        Demonstration[] each = demonstrations.toArray(new Demonstration[0]); // a list over a file reads at every get
        int[] ids = new int[layout.batch() * layout.time()];
        int[] targets = new int[ids.length];
        int[] rows = new int[ids.length];
        int[] sequences = new int[ids.length];
        int n = 0;
        for (int row = 0; row < ids.length; row++) {
            int sequence = layout.sequence(row);
            if (sequence == Segments.PADDING) {
                continue;
            }
            Demonstration d = each[sequence];
            int position = row - layout.start(sequence);
            ids[row] = d.tokens()[position];
            if (d.lossMask()[position + 1]) {
                targets[n] = d.tokens()[position + 1];
                rows[n] = row;
                sequences[n++] = sequence;
            }
        }
        TokenBatch tokens = new TokenBatch(
                Arrays.copyOf(targets, n),
                Arrays.copyOf(rows, n),
                ids.length,
                Arrays.copyOf(sequences, n),
                each.length,
                Map.of(),
                needs,
                vocabulary);
        return new PackedTokens(ids, layout, tokens);
    }

    /** Demonstration of trained token t. */
    public int demonstration(int t) {
        return tokens.sequence(t);
    }

    /** Position in its demonstration of the row that predicts trained token t, one less than the token's own. */
    public int position(int t) {
        return tokens.rows()[t] - layout.start(tokens.sequence(t));
    }
}
