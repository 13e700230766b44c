package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Which commands a command line knows: a start that names one reads the options of this one alone. */
class PsftCommandsTest {

    private static Set<String> known(String... args) {
        return Psft.commandLine(args).getSubcommands().keySet();
    }

    @Test
    void commandsHaveTheNamesOfTheirAnnotations() {
        Psft.COMMANDS.forEach(
                (name, type) -> assertEquals(type.getAnnotation(Command.class).name(), name));
    }

    @Test
    void aNamedCommandComesAlone() {
        assertEquals(Set.of("generate"), known("generate", "--help"));
        assertEquals(Psft.COMMANDS.keySet(), known());
        assertEquals(Psft.COMMANDS.keySet(), known("--help"));
        assertEquals(Psft.COMMANDS.keySet(), known("generat", "--model", "x"));
        assertEquals(Psft.COMMANDS.keySet(), known("generate-completion"));
    }

    @Test
    void aCommandAloneHasTheSameHelp() {
        for (String name : List.of("generate", "config", "data")) {
            CommandLine alone = Psft.commandLine(name).getSubcommands().get(name);
            CommandLine among = Psft.commandLine().getSubcommands().get(name);
            assertEquals(among.getUsageMessage(), alone.getUsageMessage());
        }
    }
}
