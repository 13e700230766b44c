package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The examples in the help of every command can be copied: they are whole lines, and the command takes them. */
class HelpExamplesTest {

    private static final int NARROW = 60;
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|\\S+");

    static Stream<CommandLine> commands() {
        return all(Psft.commandLine());
    }

    private static Stream<CommandLine> all(CommandLine command) {
        return Stream.concat(
                Stream.of(command),
                command.getSubcommands().values().stream().distinct().flatMap(HelpExamplesTest::all));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void examplesAreWholeLinesThatTheCommandTakes(CommandLine command) {
        List<String> examples = Stream.of(
                        command.getCommandSpec().usageMessage().footer())
                .flatMap(String::lines)
                .filter(line -> line.startsWith("  psft "))
                .toList();
        boolean ours = !command.getCommandName().equals("generate-completion");
        assertFalse(ours && examples.isEmpty(), "no example");
        command.setUsageHelpAutoWidth(false);
        command.setUsageHelpWidth(NARROW);
        String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
        for (String example : examples) {
            assertTrue(help.contains(example + "\n"), () -> "wrapped: " + example + "\n" + help);
            for (String line : example.replaceAll("#.*", "").split("&&")) {
                List<String> words = words(line);
                assertDoesNotThrow(
                        () -> Psft.commandLine()
                                .parseArgs(words.subList(1, words.size()).toArray(String[]::new)),
                        line);
            }
        }
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        for (Matcher word = WORD.matcher(line); word.find(); ) {
            words.add(word.group(1) == null ? word.group() : word.group(1));
        }
        return words;
    }
}
