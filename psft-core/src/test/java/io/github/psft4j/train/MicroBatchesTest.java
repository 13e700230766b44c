package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.train.settings.TrainerSettings;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How mini-batches are cut. */
class MicroBatchesTest {

    private static final int[] LENGTHS = {3, 9, 4, 4, 12, 2, 5, 8};

    private record OfPairs() implements TokenObjective {
        @Override
        public String name() {
            return "of-pairs";
        }

        @Override
        public Scope scope() {
            return Scope.PAIR;
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            throw new UnsupportedOperationException();
        }
    }

    private static int[] order(TokenObjective objective, int micro) {
        List<Demonstration> data = IntStream.of(LENGTHS)
                .mapToObj(n -> Demonstration.ofText(new int[n]))
                .toList();
        TrainerSettings settings = PsftTrainer.builder(TinyRuns.model())
                .objective(objective)
                .miniBatch(8)
                .microBatch(micro)
                .lengthGrouping(true)
                .build()
                .settings();
        List<MicroBatch> micros = TrainingPlan.microBatches(settings, false)
                .cut(IntStream.range(0, LENGTHS.length).toArray(), data);
        assertEquals(LENGTHS.length / micro, micros.size());
        return micros.stream().flatMapToInt(m -> IntStream.of(m.numbers())).toArray();
    }

    @Test
    void lengthGroupingGoesFromTheLongestToTheShortest() {
        assertArrayEquals(new int[] {4, 1, 7, 6, 2, 3, 0, 5}, order(new SftObjective(), 2));
    }

    /** The rejected answer is often the longer one: sorted by themselves the two would change their roles. */
    @Test
    void lengthGroupingKeepsChosenBeforeRejected() {
        assertArrayEquals(new int[] {4, 5, 0, 1, 6, 7, 2, 3}, order(new OfPairs(), 2));
    }
}
