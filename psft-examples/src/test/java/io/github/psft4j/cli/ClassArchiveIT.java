package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The archive of classes that the build makes for a faster start. */
@DisabledOnOs(OS.WINDOWS)
class ClassArchiveIT {

    @TempDir
    Path dir;

    /** Commands that compute, and those that do not: they differ in collector and modules. */
    @Test
    void theClassesOfACommandComeFromTheArchive() {
        for (String[] line : new String[][] {{"version"}, {"bench", "--shape", "bad"}}) {
            Launcher.Result result =
                    new Launcher(dir).run(Map.of("PSFT_OPTS", "-Xlog:class+load:stderr"), Launcher.script(), line);
            String own = result.err()
                    .lines()
                    .filter(text -> text.contains(Psft.class.getName() + " source:"))
                    .findFirst()
                    .orElseThrow();
            assertTrue(own.endsWith("shared objects file (top)"), own);
        }
    }

    @Test
    void anArchiveThatDoesNotFitChangesNothing() throws IOException {
        Path foreign = Files.writeString(dir.resolve("classes.jsa"), "no archive");
        Launcher.Result without = version("none");
        Launcher.Result result = version(foreign.toString());
        assertEquals(0, result.code(), result.err());
        assertEquals(without.out(), result.out());
        assertEquals(without.err(), result.err());
    }

    private Launcher.Result version(String archive) {
        return new Launcher(dir).run(Map.of("PSFT_ARCHIVE", archive), Launcher.script(), "version");
    }
}
