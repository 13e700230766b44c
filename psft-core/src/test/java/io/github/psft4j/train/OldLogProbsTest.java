package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.model.CausalLm;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The snapshot holds one refresh window, however long the data is. */
class OldLogProbsTest {

    @Test
    void aNewWindowDropsTheValuesOfTheOneBefore() {
        CausalLm model = TinyRuns.model();
        List<Demonstration> data = TinyRuns.demonstrations(6);
        int[] all = IntStream.range(0, 6).toArray();
        OldLogProbs old =
                new OldLogProbs(model, PsftTrainer.builder(model).build().settings(), data);
        old.freeze(new int[] {0, 1, 2});
        assertEquals(Set.of(0, 1, 2), old.frozen(all).keySet());
        old.beginWindow();
        old.freeze(new int[] {3, 5});
        assertEquals(Set.of(3, 5), old.frozen(all).keySet());
    }
}
