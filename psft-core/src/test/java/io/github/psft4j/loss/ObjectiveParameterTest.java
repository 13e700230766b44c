package io.github.psft4j.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Setting;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Parameters of every type that an objective's record may have, as numbers and as text. */
class ObjectiveParameterTest {

    /** One parameter of each type. */
    @Doc("an objective with every type")
    public record Typed(
            @Doc("a number") double number,
            @Doc("an integer") int integer,
            @Doc("a switch") boolean flag,
            @Doc("a choice") Aggregation choice)
            implements TokenObjective {
        /** Refuses a number below 0, and fails above 100. */
        public Typed {
            if (number < 0) {
                throw new IllegalArgumentException("number must not be negative");
            }
            if (number > 100) {
                throw new IllegalStateException("broken");
            }
        }

        @Override
        public String name() {
            return "typed";
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {}
    }

    private final ObjectiveSpec spec = new ObjectiveSpec(new Typed(1, 2, false, Aggregation.SUM));

    @Test
    void everyTypeIsTakenAsItselfAndAsText() {
        Typed wanted = new Typed(0.5, -3, true, Aggregation.TOKEN_MEAN);
        assertEquals(
                wanted,
                spec.create(Map.of("number", 0.5, "integer", -3.0, "flag", true, "choice", Aggregation.TOKEN_MEAN)));
        assertEquals(
                wanted, spec.create(Map.of("number", " 0.5", "Integer", "-3", "FLAG", "true", "choice", "token-mean")));
        assertEquals(
                new Typed(1, Integer.MAX_VALUE, false, Aggregation.SUM), spec.create(Map.of("integer", 2147483647)));
        assertEquals(false, ((Typed) new ObjectiveSpec(wanted).create(Map.of("flag", "false"))).flag());
    }

    @Test
    void aListingNamesTheTypes() {
        assertEquals(
                List.of(
                        "number",
                        "integer",
                        "true|false",
                        "token_mean|sequence_mean_token_mean|sequence_mean_token_sum|pair_mean|sum"),
                spec.parameters().stream().map(Setting::typeName).toList());
        assertEquals("an objective with every type", spec.doc());
        assertTrue(ObjectiveRegistry.doc("psft").startsWith("PSFT"));
    }

    @Test
    void otherValuesAreRefusedByParameterTypeAndValue() {
        for (Object[] bad : new Object[][] {
            {"number", "wide"},
            {"integer", 2.5},
            {"integer", 3e9},
            {"integer", "2.0"},
            {"flag", "yes"},
            {"flag", 1},
            {"choice", "median"}
        }) {
            String message = assertThrows(
                            IllegalArgumentException.class, () -> spec.create(Map.of((String) bad[0], bad[1])))
                    .getMessage();
            assertTrue(
                    message.contains("parameter " + bad[0] + " of objective typed")
                            && message.contains("was '" + bad[1] + "'"),
                    message);
        }
        assertTrue(assertThrows(IllegalArgumentException.class, () -> spec.create(Map.of("number", -1)))
                .getMessage()
                .contains("objective typed: number must not be negative"));
        assertThrows(IllegalStateException.class, () -> spec.create(Map.of("number", 101)));
    }

    /** A record without its line. */
    public record Mute() implements TokenObjective {
        @Override
        public String name() {
            return "mute";
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {}
    }

    /** A parameter without its line. */
    @Doc("half")
    public record HalfMute(int n) implements TokenObjective {
        @Override
        public String name() {
            return "half";
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {}
    }

    @Test
    void anObjectiveWithoutItsDescriptionCannotBeRegistered() {
        assertThrows(IllegalStateException.class, () -> new ObjectiveSpec(new Mute()));
        assertThrows(IllegalStateException.class, () -> new ObjectiveSpec(new HalfMute(1)));
    }

    @Test
    void aJarAddsObjectivesUnderNamesOfTheirOwn() {
        TokenObjective typed = new Typed(1, 2, false, Aggregation.SUM);
        assertEquals(
                Set.of("psft", "sft", "typed"),
                ObjectiveRegistry.load(List.of(() -> List.of(typed))).keySet());
        assertThrows(
                IllegalStateException.class, () -> ObjectiveRegistry.load(List.of(() -> List.of(new SftObjective()))));
    }

    @Test
    void theNearestNameHasTheFewestEdits() {
        List<String> known = List.of("epsLow", "epsHigh", "maxLogRatio", "x");
        assertEquals("epsHigh", ObjectiveSpec.nearest("eps_hi", known));
        assertEquals("epsLow", ObjectiveSpec.nearest("epsslw", known));
        assertEquals("maxLogRatio", ObjectiveSpec.nearest("logratio", known));
        assertEquals("x", ObjectiveSpec.nearest("", known));
        assertEquals("ab", ObjectiveSpec.nearest("b", List.of("bcd", "ab"))); // an insertion is one edit, not two
        assertEquals("abcd", ObjectiveSpec.nearest("acd", List.of("xyd", "abcd")));
        assertEquals("", ObjectiveSpec.nearest("x", List.of()));
    }
}
