package io.github.psft4j.transformer.generation;

import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TokenStatistics;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Chooses tokens from the logits of a pass. Log-probs and entropies are those of the model, at temperature 1 or at that
 * of the settings, and do not depend on what else these cut off.
 */
final class TokenChoice {

    private final TensorOps ops;
    private final int vocabulary;
    private final double factor; // on the logits before log-probs are taken
    private final Map<Thread, TokenSampler> samplers = new ConcurrentHashMap<>();
    private int[] chosen = new int[0]; // [n]
    private int[] ahead = chosen; // by row: proposed tokens that it comes behind
    private TokenStatistics statistics = TokenStatistics.ofRows(0);

    TokenChoice(TensorOps ops, int vocabulary, double factor) {
        this.ops = ops;
        this.vocabulary = vocabulary;
        this.factor = factor;
    }

    /**
     * Appends a token to every sequence, and keeps those that follow as far as its proposal is right.
     *
     * @param logits {@code [n, V]}; scaled in place
     * @param rows sequence of each row, {@code [n]}: side by side the row of its last token and those of its proposal
     */
    void run(INDArray logits, GeneratedSequence[] rows) {
        int n = rows.length;
        if (chosen.length != n) {
            chosen = new int[n];
            ahead = new int[n];
            statistics = TokenStatistics.ofRows(n);
        }
        for (int b = 1; b < n; b++) {
            ahead[b] = rows[b] == rows[b - 1] ? ahead[b - 1] + 1 : 0;
        }
        for (int b = 0; b < n; b++) {
            rows[b].drawUpTo(ahead[b]); // here, because the rows of a sequence may go to several threads
        }
        ops.vectors().eachRow(logits, (b, row) -> {
            GeneratedSequence s = rows[b];
            TokenSampler sampler = samplers.computeIfAbsent(
                    Thread.currentThread(), thread -> new TokenSampler(s.settings, vocabulary, ops.vectors()));
            sampler.use(s.settings);
            chosen[b] = sampler.choose(row, s.seenIds, s.seenCount(ahead[b]), s.drawn(ahead[b]));
        });
        if (factor != 1) {
            ops.vectors().scale(logits, factor);
        }
        LikelyTokens.Rows likely = likeliest(logits, rows);
        ops.softmax().forward(logits, chosen, 0, statistics);
        for (int b = 0; b < n; b++) {
            if (ahead[b] == 0 || rows[b].accepted() == ahead[b] && rows[b].proposes(ahead[b] - 1, chosen[b - 1])) {
                accept(rows[b], ahead[b], b, likely);
            }
        }
        for (int b = 0; b < n; b++) {
            if (ahead[b] == 0) {
                rows[b].appendFirst();
            }
        }
    }

    private void accept(GeneratedSequence s, int ahead, int b, LikelyTokens.Rows likely) {
        double logProb = statistics.logProb()[b];
        if (Double.isNaN(logProb)) {
            throw new IllegalStateException("a logit after position " + (s.length - 1 + ahead) + " of sequence "
                    + s.index + " is NaN or infinite; the model's weights are damaged");
        }
        LikelyTokens top = s.top == 0 ? null : likely.at(b, s.top, chosen[b]);
        s.accept(new GeneratedSequence.Token(chosen[b], logProb, statistics.entropy()[b], top));
    }

    /** The likeliest tokens of every row, as many as any sequence wants; null if none does. */
    private LikelyTokens.Rows likeliest(INDArray logits, GeneratedSequence[] rows) {
        int most = 0;
        for (GeneratedSequence s : rows) {
            most = Math.max(most, s.top);
        }
        if (most == 0) {
            return null;
        }
        LikelyTokens.Rows all = new LikelyTokens.Rows(rows.length, most, statistics);
        ops.softmax().topK(logits, most, 0, all.ids(), all.logits());
        return all;
    }
}
