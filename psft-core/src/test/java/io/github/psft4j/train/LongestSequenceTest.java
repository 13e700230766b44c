package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.RopeScaling;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a model can score it can be trained on: positions that a RoPE scaling stretches count. */
class LongestSequenceTest {

    private static int train(int tokens) {
        DecoderConfig config = DecoderConfig.builder()
                .vocabSize(19)
                .hiddenSize(16)
                .intermediateSize(20)
                .layers(1)
                .heads(2)
                .maxPositions(16)
                .ropeScaling(RopeScaling.linear(2))
                .build();
        PsftTrainer trainer = PsftTrainer.builder(CausalLm.create(config, null, 1))
                .macroBatch(1)
                .miniBatch(1)
                .maxSteps(1)
                .build();
        return trainer.fit(List.of(Demonstration.ofText(new int[tokens]))).steps();
    }

    @Test
    void sequencesMayBeAsLongAsTheStretchedPositions() {
        assertEquals(1, train(33));
        String message =
                assertThrows(IllegalArgumentException.class, () -> train(34)).getMessage();
        assertTrue(message.contains("34 tokens") && message.contains("takes 33"), message);
    }
}
