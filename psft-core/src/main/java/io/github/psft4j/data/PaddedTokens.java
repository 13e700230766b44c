package io.github.psft4j.data;

import io.github.psft4j.loss.TokenBatch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Demonstrations side by side for a pass without gradients: what {@link PaddedBatch} says in label arrays, as plain numbers.
 *
 * @param ids token ids {@code [B * T]}, sequence-major, padded on the right with 0; T is the longest demonstration less one
 * @param batch number of demonstrations, B
 * @param tokens the trained tokens; row {@code b*T + t} predicts token t + 1 of demonstration b
 */
public record PaddedTokens(int[] ids, int batch, TokenBatch tokens) {

    /** The demonstrations in their order. */
    public static PaddedTokens of(List<Demonstration> demonstrations) {
        int batch = demonstrations.size();
        int time = demonstrations.stream().mapToInt(d -> d.length() - 1).max().orElse(0);
        int[] ids = new int[batch * time]; // [B * T]
        int[] targets = new int[ids.length];
        int[] rows = new int[ids.length];
        int[] sequence = new int[ids.length];
        int n = 0;
        for (int b = 0; b < batch; b++) {
            Demonstration d = demonstrations.get(b);
            int[] tokens = d.tokens();
            boolean[] trained = d.lossMask();
            System.arraycopy(tokens, 0, ids, b * time, tokens.length - 1);
            for (int t = 0; t < tokens.length - 1; t++) {
                if (trained[t + 1]) {
                    targets[n] = tokens[t + 1];
                    rows[n] = b * time + t;
                    sequence[n++] = b;
                }
            }
        }
        TokenBatch batchOfTokens = new TokenBatch(
                Arrays.copyOf(targets, n),
                Arrays.copyOf(rows, n),
                ids.length,
                Arrays.copyOf(sequence, n),
                batch,
                Map.of());
        return new PaddedTokens(ids, batch, batchOfTokens);
    }

    /** Tokens per demonstration, T. */
    public int time() {
        return batch == 0 ? 0 : ids.length / batch;
    }
}
