package io.github.psft4j.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Rows whose logits exist at a time: bounded, and never a few rows at the end, which are summed in another order. */
class HeadChunksTest {

    @Test
    void theLastChunkIsAboutAsLongAsTheOthers() {
        assertEquals(171, LmHeadLayer.chunk(342, 49_152), "341 rows are the most");
        for (int vocabulary : new int[] {300, 8_192, 49_152, 151_936}) {
            int most = LmHeadLayer.chunk(1 << 20, vocabulary);
            for (int tokens = 1; tokens < 2_000; tokens++) {
                int chunk = LmHeadLayer.chunk(tokens, vocabulary);
                int last = (tokens - 1) % chunk + 1;
                String what = tokens + " tokens of " + vocabulary + ": " + chunk + ", then " + last;
                assertTrue(chunk <= Math.max(most, tokens) && (long) chunk * vocabulary <= 1 << 26, what);
                assertTrue(last >= Math.min(tokens, 16), what);
            }
        }
    }
}
