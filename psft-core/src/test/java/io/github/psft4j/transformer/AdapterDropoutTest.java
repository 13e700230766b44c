package io.github.psft4j.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.psft4j.kernel.SequenceLayout;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The seeds of what adapters do not see: others for every token, module, block and step, and for nothing else. */
class AdapterDropoutTest {

    private static final SequenceLayout TWO = SequenceLayout.whole(2, 4);

    private static AdapterDropout at(long seed, long step, int... keys) {
        AdapterDropout dropout = new AdapterDropout(0.1, seed);
        dropout.next(step, keys);
        return dropout;
    }

    @Test
    void everyTokenModuleBlockStepAndSeedHasItsOwn() {
        Set<Long> all = new HashSet<>();
        int rows = 0;
        for (AdapterDropout dropout : new AdapterDropout[] {at(1, 3, 5, 9), at(1, 4, 5, 9), at(2, 3, 5, 9)}) {
            for (int block = 0; block < 3; block++) {
                for (int module = 0; module < 7; module++) {
                    Arrays.stream(dropout.rows(TWO, block, module)).forEach(all::add);
                    rows += 8;
                }
            }
        }
        assertEquals(rows, all.size());
    }

    @Test
    void neitherPaddingNorTheNeighbourChangesThem() {
        long[] together = at(1, 3, 5, 9).rows(TWO, 1, 2);
        long[] padded = at(1, 3, 9).rows(SequenceLayout.padded(new int[] {4}, 6), 1, 2);
        assertArrayEquals(Arrays.copyOfRange(together, 4, 8), Arrays.copyOf(padded, 4));
    }

    @Test
    void anotherNumberOfSequencesIsRefused() {
        AdapterDropout dropout = at(1, 3, 5);
        assertThrows(IllegalStateException.class, () -> dropout.rows(TWO, 0, 0));
    }
}
