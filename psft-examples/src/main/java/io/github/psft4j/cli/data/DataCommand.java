package io.github.psft4j.cli.data;

import io.github.psft4j.cli.console.CommonOptions;
import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.config.Bundled;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code psft data}: data files without a run. */
@Command(
        name = "data",
        description = "Look at data files.",
        subcommands = DataCommand.Inspect.class,
        footer = {"", "Example:", "  psft data inspect train.jsonl --model DIR"})
public final class DataCommand implements Runnable {

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: inspect");
    }

    /** {@code psft data inspect}. */
    @Command(
            name = "inspect",
            description = "Show how rows become demonstrations: examples with the trained tokens coloured, counts,"
                    + " lengths, and what is dropped and why.",
            footer = {
                "",
                "Examples:",
                "  psft data inspect train.jsonl --model DIR",
                "  psft data inspect data/ --model DIR --examples 3 --max-length 2048",
                "  psft data inspect train.parquet --model DIR --column question=problem --json",
                "  psft data inspect train.jsonl --model DIR --set data.prompt_as_user_message=true"
            })
    static final class Inspect implements Callable<Integer> {
        @Mixin
        private CommonOptions common;

        @Parameters(
                paramLabel = "FILE",
                arity = "1..*",
                description = "JSONL, JSON, CSV, TSV or Parquet files, directories, or bundled:NAME.")
        private List<String> files = new ArrayList<>();

        @Option(
                names = "--model",
                paramLabel = "DIR",
                description = "Model whose tokenizer and chat template are used; needed unless rows hold input_ids.")
        private String model;

        @Option(
                names = "--base",
                paramLabel = "DIR",
                description = "Base model of an adapter; default the path in its adapter_config.json.")
        private String base;

        @Option(names = "--examples", paramLabel = "N", defaultValue = "2", description = "Examples shown; default 2.")
        private int examples;

        @Option(names = "--layout", paramLabel = "NAME", defaultValue = "auto", description = "As data.layout.")
        private String layout;

        @Option(names = "--loss-on", paramLabel = "WHAT", defaultValue = "auto", description = "As data.loss_on.")
        private String lossOn;

        @Option(names = "--column", paramLabel = "FIELD=COLUMN", description = "As data.columns; may be repeated.")
        private Map<String, String> columns = new LinkedHashMap<>();

        @Option(
                names = "--set",
                paramLabel = "KEY=VALUE",
                description = "A setting of data, as for psft train; may be repeated. Options of this command win.")
        private List<String> overrides = new ArrayList<>();

        @Option(names = "--max-length", paramLabel = "N", description = "As data.max_length; default the model's.")
        private Integer maxLength;

        @Option(names = "--max-rows", paramLabel = "N", defaultValue = "0", description = "Rows read; default 0, all.")
        private long maxRows;

        @Option(
                names = "--bad-rows",
                paramLabel = "WHAT",
                description = "drop (default) counts rows that are no demonstration, error stops at the first.")
        private String badRows;

        @Option(
                names = "--color",
                paramLabel = "WHEN",
                defaultValue = "auto",
                description = "auto (default), always or never. Without colour, trained text stands in [[ ]].")
        private String color;

        @Option(names = "--json", description = "Print the counts as one JSON object.")
        private boolean json;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            InspectData.Request request = new InspectData.Request(
                    files,
                    model == null ? null : ModelFiles.of(Bundled.resolve(model), base),
                    examples,
                    layout,
                    lossOn,
                    columns,
                    overrides,
                    maxLength,
                    maxRows,
                    badRows,
                    color,
                    json);
            InspectData.run(request, spec.commandLine().getOut());
            return ExitCodes.OK;
        }
    }
}
