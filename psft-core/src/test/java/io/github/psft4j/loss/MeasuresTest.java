package io.github.psft4j.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Means of parts are means of the whole, in the order in which they were named. */
class MeasuresTest {

    @Test
    void partsAddUpToTheWhole() {
        Measures a = Measures.NONE.with("share", 2, 8).with("kl", 0.5, 10);
        Measures b = Measures.NONE.with("share", 3, 4).with("more", 1, 1);
        Measures sum = a.plus(b).plus(Measures.NONE);
        assertEquals(List.of("share", "kl", "more"), List.copyOf(sum.values().keySet()));
        assertEquals(5.0 / 12, sum.values().get("share"));
        assertEquals(0.05, sum.values().get("kl"));
        assertEquals(0.25, a.values().get("share"), "the parts do not change");
        assertTrue(Double.isNaN(Measures.NONE.with("none", 0, 0).values().get("none")));
    }
}
