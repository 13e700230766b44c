package io.github.psft4j.train.source;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.policy.RefreshSchedule;
import java.util.List;

/**
 * Preference pairs: sequence 2i is the chosen answer with its prompt, 2i + 1 the rejected one. Pairs are shuffled as
 * one, and no cut into macro-batches, mini-batches or micro-batches parts them. Batch sizes count sequences.
 */
public class PairSource extends DemonstrationSource {

    /**
     * @param pairs chosen and rejected in turn
     * @param macroBatch sequences per macro-batch, even
     * @param miniBatch sequences per optimizer step, even
     * @throws IllegalArgumentException if there are no pairs, a sequence has no partner, a batch is odd, or an answer
     *     has no trained token
     */
    public PairSource(
            List<Demonstration> pairs,
            int macroBatch,
            int miniBatch,
            RefreshSchedule refresh,
            boolean shuffle,
            long seed) {
        super(checked(pairs, macroBatch, miniBatch), macroBatch, miniBatch, refresh, new DataOrder(shuffle, seed, 2));
    }

    /** True: both answers follow the same prompt. */
    @Override
    public boolean sharesPrompts() {
        return true;
    }

    private static List<Demonstration> checked(List<Demonstration> pairs, int macroBatch, int miniBatch) {
        if (pairs.size() % 2 != 0) {
            throw new IllegalArgumentException(
                    "pairs are chosen and rejected answers in turn, but there are " + pairs.size() + " sequences");
        }
        if (macroBatch % 2 != 0 || miniBatch % 2 != 0) {
            throw new IllegalArgumentException("batches of pairs count sequences, two per pair, so they must be even;"
                    + " were " + macroBatch + " and " + miniBatch);
        }
        for (int i = 0; i < pairs.size(); i++) {
            if (pairs.get(i) != null && pairs.get(i).trainedTokens() == 0) {
                throw new IllegalArgumentException((i % 2 == 0 ? "the chosen" : "the rejected") + " answer of pair "
                        + i / 2 + " has no trained token; take the pair out");
            }
        }
        return pairs;
    }
}
