package io.github.psft4j.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What builders collect by name becomes the record, and no name is lost. */
class ComponentsTest {

    /** A record with all kinds of components. */
    public record Pair(int count, String name, boolean flag) {
        public Pair {
            if (count < 0) {
                throw new IllegalArgumentException("count must not be negative, was " + count);
            }
        }
    }

    @Test
    void whatWasNotGivenIsZeroFalseOrNullAndACopyKeepsTheRest() {
        Pair pair = new Components<>(Pair.class).set("count", 3).build();
        assertEquals(new Pair(3, null, false), pair);
        assertEquals(
                new Pair(3, "x", false), Components.of(pair).set("name", "x").build());
    }

    @Test
    void anUnknownNameAndARefusedValueAreErrors() {
        Components<Pair> components = new Components<>(Pair.class);
        String unknown = assertThrows(IllegalArgumentException.class, () -> components.set("size", 1))
                .getMessage();
        assertTrue(unknown.contains("size") && unknown.contains("Pair"), unknown);
        String refused = assertThrows(
                        IllegalArgumentException.class,
                        () -> components.set("count", -1).build())
                .getMessage();
        assertEquals("count must not be negative, was -1", refused);
    }
}
