package io.github.psft4j.train.column;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.Column;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.DecoderSnapshot;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MiniBatch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * pi_old: log-probs of the tokens when their macro-batch begins. The first mini-batch needs none, because no weight
 * changes before it is trained: its ratio is 1. A sequence that comes again in the macro-batch is passed once.
 */
public final class OldLogProbs implements ColumnFiller {

    private final RefreshSchedule refresh;
    private final DecoderSnapshot snapshot;
    private final List<Demonstration> sequences;
    private final Predicate<MiniBatch> needed;
    private final boolean all; // also the first mini-batch, for a source that reads the column
    private Map<Integer, double[]> fixed; // with a refresh that never comes; null before the first macro-batch

    /**
     * @param sequences all that are ever trained; only a refresh that never comes needs them
     * @param needed whether a mini-batch is trained with pi_old at all; in an SFT warm-up it is not
     * @param all whether the log-probs of every mini-batch are wanted, also of the first
     */
    public OldLogProbs(
            RefreshSchedule refresh,
            DecoderSnapshot snapshot,
            List<Demonstration> sequences,
            Predicate<MiniBatch> needed,
            boolean all) {
        this.refresh = refresh;
        this.snapshot = snapshot;
        this.sequences = sequences;
        this.needed = needed;
        this.all = all;
    }

    @Override
    public Column column() {
        return Column.OLD_LOG_PROB;
    }

    @Override
    public void fill(MacroBatch macro, CausalLm policy) {
        Map<Integer, double[]> known = macro.columns().get(column());
        if (refresh.isNever()) {
            if (fixed == null) {
                fixed = known == null ? freezeAll(policy) : known;
            }
            macro.columns().put(column(), fixed);
        } else if (known == null) {
            Map<Integer, double[]> values = macro.column(column());
            int place = 0;
            for (MiniBatch batch : macro.miniBatches()) {
                boolean wanted = refresh.freezes(place++) && needed.test(batch) || all;
                if (wanted && !known(values, batch)) {
                    snapshot.freeze(policy, batch.numbers(), batch.sequences(), values);
                }
            }
        }
    }

    private static boolean known(Map<Integer, double[]> values, MiniBatch batch) {
        return Arrays.stream(batch.numbers()).allMatch(values::containsKey);
    }

    private Map<Integer, double[]> freezeAll(CausalLm policy) {
        if (sequences.isEmpty()) {
            throw new IllegalArgumentException(
                    "a refresh of pi_old that never comes needs all sequences before training, which this source does"
                            + " not know; take RefreshSchedule.everyMacroBatch()");
        }
        Map<Integer, double[]> all = new TreeMap<>();
        snapshot.freeze(policy, IntStream.range(0, sequences.size()).toArray(), sequences, all);
        return all;
    }
}
