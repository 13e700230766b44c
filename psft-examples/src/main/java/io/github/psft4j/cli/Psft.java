package io.github.psft4j.cli;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.Failures;
import io.github.psft4j.cli.console.HarmlessWriter;
import io.github.psft4j.cli.console.StandardOutput;
import io.github.psft4j.cli.console.Versions;
import io.github.psft4j.cli.data.DataCommand;
import io.github.psft4j.cli.eval.EvalCommand;
import io.github.psft4j.cli.model.ChatCommand;
import io.github.psft4j.cli.model.GenerateCommand;
import io.github.psft4j.cli.model.InspectCommand;
import io.github.psft4j.cli.model.MergeCommand;
import io.github.psft4j.cli.model.ScoreCommand;
import io.github.psft4j.cli.serve.ServeCommand;
import io.github.psft4j.cli.train.PlanCommand;
import io.github.psft4j.cli.train.TrainCommand;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The {@code psft} command. */
@Command(
        name = "psft",
        description = "Proximal Supervised Fine-Tuning of language models on Deeplearning4j.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  psft config cp laptop && psft train laptop.yaml",
            "  psft train laptop.yaml --set optimizer.lr=1e-4 --set run.dir=runs/b",
            "  psft plot runs/laptop runs/b",
            "  psft generate --model runs/laptop/final --prompt \"12 + 7 =\" --max-new-tokens 40",
            "",
            "Exit codes: 0 done; 1 failed on the way (disk, a bug); 2 refused because of the command line,",
            "configuration, data or model; 3 training diverged; 4 stopped at once by a second signal;",
            "5 out of memory; 130 and 143 stopped by Ctrl-C or SIGTERM.",
            "JVM options: PSFT_OPTS, e.g. PSFT_OPTS=-Xmx8g. Java: JAVA_HOME, or java on the PATH."
        })
public final class Psft implements Runnable {

    private static final String COMPLETION = "generate-completion";

    /** Commands by name, in the order of the help. */
    static final Map<String, Class<?>> COMMANDS = commands();

    @CommandLine.Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    @CommandLine.Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the versions and exit.")
    private boolean version;

    @Spec
    private CommandSpec spec;

    Psft() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        StandardOutput out = new StandardOutput();
        System.setOut(out.printStream());
        CommandLine line = commandLine(args);
        int code = line.execute(args);
        line.getOut().flush();
        if (code == ExitCodes.OK && out.failure() != null) {
            line.getErr()
                    .println("psft: cannot write to standard output: "
                            + out.failure().getMessage());
            code = ExitCodes.FAILED;
        }
        System.exit(code);
    }

    private static Map<String, Class<?>> commands() {
        Map<String, Class<?>> commands = new LinkedHashMap<>();
        commands.put("train", TrainCommand.class);
        commands.put("plan", PlanCommand.class);
        commands.put("score", ScoreCommand.class);
        commands.put("eval", EvalCommand.class);
        commands.put("generate", GenerateCommand.class);
        commands.put("chat", ChatCommand.class);
        commands.put("serve", ServeCommand.class);
        commands.put("merge", MergeCommand.class);
        commands.put("data", DataCommand.class);
        commands.put("bench", BenchCommand.class);
        commands.put("plot", PlotCommand.class);
        commands.put("config", ConfigCommand.class);
        commands.put("inspect", InspectCommand.class);
        commands.put("version", VersionCommand.class);
        commands.put(COMPLETION, AutoComplete.GenerateCompletion.class);
        return commands;
    }

    /** The command for these arguments: if they name a command, without the others, whose options take time to read. */
    static CommandLine commandLine(String... args) {
        CommandLine line = new CommandLine(new Psft());
        addCommands(line, args);
        return configured(line, line.getErr());
    }

    /** The command with messages going to {@code err}. */
    static CommandLine commandLine(Writer err, String... args) {
        CommandLine line = new CommandLine(new Psft());
        addCommands(line, args);
        return configured(line, err);
    }

    private static void addCommands(CommandLine line, String... args) {
        Class<?> named = args.length == 0 ? null : COMMANDS.get(args[0]);
        if (named == null || args[0].equals(COMPLETION)) { // which completes all of them
            COMMANDS.forEach((name, command) -> line.addSubcommand(name, new CommandLine(command)));
            line.getSubcommands()
                    .get(COMPLETION)
                    .getCommandSpec()
                    .usageMessage()
                    .hidden(false);
        } else {
            line.addSubcommand(args[0], new CommandLine(named));
        }
    }

    private static CommandLine configured(CommandLine line, Writer err) {
        line.setErr(new PrintWriter(new HarmlessWriter(err), true));
        line.getCommandSpec().versionProvider(new Versions.Provider());
        line.setUsageHelpAutoWidth(true);
        line.setExpandAtFiles(false); // a prompt may begin with @
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_FOOTER, Psft::footer);
        line.setHelpSectionMap(line.getHelpSectionMap());
        line.setExecutionStrategy(Psft::runLast);
        line.setParameterExceptionHandler(Psft::wrongUsage);
        line.setExecutionExceptionHandler((e, command, parsed) -> Failures.report(e, command));
        return line;
    }

    /** Examples are not wrapped: picocli would break lines inside words, and a copied line would not run. */
    private static String footer(CommandLine.Help help) {
        return String.join("\n", help.commandSpec().usageMessage().footer()) + "\n";
    }

    /** Errors of memory, and of a Java that lacks a class, end as messages, too. Picocli passes on exceptions only. */
    private static int runLast(ParseResult parsed) {
        try {
            return new CommandLine.RunLast().execute(parsed);
        } catch (OutOfMemoryError | LinkageError e) {
            CommandLine command =
                    parsed.asCommandLineList().get(parsed.asCommandLineList().size() - 1);
            return Failures.report(e, command);
        }
    }

    private static int wrongUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        String message = e.getMessage();
        err.println("psft: " + (message == null ? e.toString() : message));
        CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
        err.println("\"" + command.getCommandSpec().qualifiedName() + " --help\" shows what there is.");
        err.flush();
        return ExitCodes.REFUSED;
    }
}
