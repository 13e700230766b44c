package io.github.psft4j.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.settings.Setting;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Objectives by name: parameters as typed by people, and errors that name the way out. */
class ObjectiveRegistryTest {

    @Test
    void parametersComeAsNumbersOrTextInAnySpelling() {
        assertEquals(new PsftObjective(), ObjectiveRegistry.create("psft", Map.of()));
        assertEquals(
                new PsftObjective(0.1, 0.3),
                ObjectiveRegistry.create("PSFT", Map.of("eps_high", "0.3", "eps-low", 0.1)));
        assertTrue(ObjectiveRegistry.names().containsAll(List.of("psft", "sft")));
    }

    @Test
    void parametersAreListedWithTypeAndDefault() {
        Setting p = ObjectiveRegistry.parameters("psft").get(1);
        assertEquals(
                List.of("epsHigh", "number", PsftObjective.DEFAULT_EPS_HIGH, "upper clip width, above 0"),
                List.of(p.name(), p.typeName(), p.defaultValue(), p.doc()));
    }

    @Test
    void unknownNamesParametersAndValuesAreErrorsThatNameTheNearest() {
        assertRefused("did you mean 'psft'", "psfd", Map.of());
        assertRefused("did you mean 'epsHigh'", "psft", Map.of("epsHihg", 0.3));
        assertRefused("it has none", "sft", Map.of("epsHigh", 0.3));
        assertRefused("epsHigh of objective psft must be number, was 'wide'", "psft", Map.of("epsHigh", "wide"));
        assertRefused("epsHigh must be above 0, was -1.0", "psft", Map.of("epsHigh", -1));
    }

    private static void assertRefused(String part, String name, Map<String, ?> parameters) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> ObjectiveRegistry.create(name, parameters));
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
