package io.github.psft4j.train.column;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.loss.Column;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.DecoderSnapshot;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MiniBatch;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** pi_old holds one refresh window, however long the data is, and nothing of mini-batches that need none. */
class OldLogProbsTest {

    private final CausalLm model = CausalLm.create(
            DecoderConfig.builder()
                    .vocabSize(9)
                    .hiddenSize(8)
                    .heads(2)
                    .layers(1)
                    .intermediateSize(8)
                    .build(),
            null,
            1);
    private final List<Demonstration> data = new ArrayList<>();

    OldLogProbsTest() {
        for (int i = 0; i < 6; i++) {
            data.add(Demonstration.ofText(new int[] {1, 2 + i, 3}));
        }
    }

    private Set<Integer> frozen(OldLogProbs old, int... firstOfEach) {
        List<MiniBatch> batches = new ArrayList<>();
        for (int first : firstOfEach) {
            batches.add(new MiniBatch(
                    1, 1 + first / 4, new int[] {first, first + 1}, List.of(data.get(first), data.get(first + 1))));
        }
        MacroBatch macro = new MacroBatch(batches);
        old.fill(macro, model);
        return macro.columns().get(Column.OLD_LOG_PROB).keySet();
    }

    private OldLogProbs old(RefreshSchedule refresh, List<Demonstration> sequences) {
        DecoderSnapshot snapshot = new DecoderSnapshot(new MicroBatches(2, 0, false, 1));
        return new OldLogProbs(refresh, snapshot, sequences, mini -> mini.macroStep() > 1, false);
    }

    @Test
    void aNewWindowDropsTheValuesOfTheOneBefore() {
        OldLogProbs old = old(RefreshSchedule.everySteps(2), data);
        assertEquals(Set.of(4, 5), frozen(old, 0, 4), "the first mini-batch has r = 1");
        assertEquals(Set.of(), frozen(old, 4, 2), "the second is not trained with pi_old");
    }

    @Test
    void aRefreshThatNeverComesFreezesAllSequencesOnce() {
        OldLogProbs old = old(RefreshSchedule.never(), data);
        assertEquals(Set.of(0, 1, 2, 3, 4, 5), frozen(old, 0));
        assertEquals(Set.of(0, 1, 2, 3, 4, 5), frozen(old, 2));
    }
}
