package io.github.psft4j.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A setting is declared in one place: one component of one record is all that a new setting takes. */
class OneDeclarationTest {

    /** A section with one setting. */
    public record Brew(
            @Doc("Cups per pot; cupSize is not among the settings.") @Value(initial = "3", range = ">= 1 and < 10")
            int cupsPerPot) {
        public Brew {
            Setting.check(Brew.class, cupsPerPot);
        }
    }

    private static final Map<String, Class<? extends Record>> SECTIONS = Map.of("brew", Brew.class);

    @TempDir
    Path dir;

    private Brew load(String yaml, String... overrides) throws IOException {
        Path file = Files.writeString(dir.resolve("brew.yaml"), yaml);
        ConfigLoader loader = new ConfigLoader(SECTIONS);
        loader.read(file, List.of(overrides));
        Brew brew = (Brew) loader.records().get(Brew.class);
        loader.refuse(file, ConfigException.HELP);
        return brew;
    }

    @Test
    void theYamlKeyTheDefaultAndTheOverrideFollow() throws IOException {
        assertEquals(new Brew(3), load(""));
        assertEquals(new Brew(4), load("brew:\n  cups_per_pot: 4\n"));
        assertEquals(new Brew(5), load("brew:\n  cups_per_pot: 4\n", "brew.cups_per_pot=5"));
    }

    @Test
    void theErrorsFollow() {
        String message = assertThrows(
                        ConfigException.class, () -> load("brew:\n  cups_per_pot: 10\n  cups_perpot: 1\n"))
                .getMessage();
        assertTrue(
                message.contains("line 2, brew.cups_per_pot: must be a whole number >= 1 and < 10, was \"10\""),
                message);
        assertTrue(message.contains("line 3, brew.cups_perpot: there is no such setting; did you mean"), message);
        assertEquals(
                "cupsPerPot must be >= 1 and < 10, was 0",
                assertThrows(ParameterException.class, () -> new Brew(0)).getMessage());
    }

    @Test
    void theDocumentationFollows() {
        Key key = Sections.keys(SECTIONS).get("brew.cups_per_pot");
        assertEquals("3", key.shownDefault());
        assertEquals("a whole number >= 1 and < 10", key.type().describe());
        assertEquals("Cups per pot; cupSize is not among the settings.", key.doc());
    }
}
