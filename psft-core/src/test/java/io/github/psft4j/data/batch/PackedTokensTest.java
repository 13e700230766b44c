package io.github.psft4j.data.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.kernel.SequenceLayout;
import java.util.AbstractList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A list over a token file decodes a demonstration at every get. */
class PackedTokensTest {

    @Test
    void everyDemonstrationIsReadOnce() {
        int[] reads = {0};
        List<Demonstration> data = new AbstractList<>() {
            @Override
            public Demonstration get(int index) {
                reads[0]++;
                return Demonstration.ofText(new int[] {1, 2, 3, 4, 5});
            }

            @Override
            public int size() {
                return 3;
            }
        };
        PackedTokens tokens = PackedTokens.of(data, SequenceLayout.whole(3, 4));
        assertEquals(12, tokens.tokens().size());
        assertEquals(3, reads[0]);
    }
}
