package io.github.psft4j.cli.data;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.PsftCommand;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.config.Bundled;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code psft data}: data files without a run. */
@Command(
        name = "data",
        description = "Look at data files.",
        subcommands = {DataCommand.Inspect.class, DataCommand.Check.class},
        footer = {
            "",
            "Examples:",
            "  psft data inspect train.jsonl --model DIR",
            "  psft data check train.jsonl --against test.jsonl"
        })
public final class DataCommand extends PsftCommand {

    @Override
    public Integer call() {
        throw wrongUsage("a command is missing: inspect or check");
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
    static final class Inspect extends PsftCommand {
        @Parameters(
                paramLabel = "FILE",
                arity = "1..*",
                description = "JSONL, JSON, CSV, TSV or Parquet files, directories, or bundled:NAME.")
        List<String> files = new ArrayList<>();

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
        int examples;

        @Option(names = "--layout", paramLabel = "NAME", defaultValue = "auto", description = "As data.layout.")
        String layout;

        @Option(names = "--loss-on", paramLabel = "WHAT", defaultValue = "auto", description = "As data.loss_on.")
        String lossOn;

        @Option(names = "--column", paramLabel = "FIELD=COLUMN", description = "As data.columns; may be repeated.")
        Map<String, String> columns = new LinkedHashMap<>();

        @Option(
                names = "--set",
                paramLabel = "KEY=VALUE",
                description = "A setting of data, as for psft train; may be repeated. Options of this command win.")
        List<String> overrides = new ArrayList<>();

        @Option(names = "--max-length", paramLabel = "N", description = "As data.max_length; default the model's.")
        Integer maxLength;

        @Option(names = "--max-rows", paramLabel = "N", defaultValue = "0", description = "Rows read; default 0, all.")
        long maxRows;

        @Option(
                names = "--bad-rows",
                paramLabel = "WHAT",
                description = "drop (default) counts rows that are no demonstration, error stops at the first.")
        String badRows;

        @Option(
                names = "--color",
                paramLabel = "WHEN",
                defaultValue = "auto",
                description = "auto (default), always or never. Without colour, trained text stands in [[ ]].")
        String color;

        @Option(names = "--json", description = "Print the counts as one JSON object.")
        boolean json;

        @Override
        public Integer call() {
            InspectData.run(this, out());
            return ExitCodes.OK;
        }

        ModelFiles modelFiles() {
            return model == null ? null : ModelFiles.of(Bundled.resolve(model), base);
        }
    }

    /** {@code psft data check}. */
    @Command(
            name = "check",
            description = "Look for evaluation data in training data: whole texts, 13 words in a row, half of the words"
                    + " in runs of 8, 50 characters. Case and signs do not count.",
            footer = {
                "",
                "Examples:",
                "  psft data check train.jsonl --against test.jsonl",
                "  psft data check data/ --against aime.parquet math500.parquet --column problem --out overlaps.jsonl",
                "  psft data check train.parquet --against test.jsonl --examples 20 --json"
            })
    static final class Check extends PsftCommand {
        @Parameters(
                paramLabel = "TRAIN",
                arity = "1..*",
                description = "JSONL, JSON, CSV, TSV or Parquet files, directories, or bundled:NAME.")
        List<String> files = new ArrayList<>();

        @Option(
                names = "--against",
                paramLabel = "EVAL",
                arity = "1..*",
                required = true,
                description = "Evaluation data, files of the same kinds; only these are kept in memory.")
        List<String> against = new ArrayList<>();

        @Option(
                names = "--column",
                paramLabel = "NAME",
                description = "Column of the evaluation data that is compared; may be repeated. Default: all texts.")
        List<String> columns = new ArrayList<>();

        @Option(
                names = "--examples",
                paramLabel = "N",
                defaultValue = "5",
                description = "Overlaps shown, the longest first; default 5, at most 20.")
        int examples;

        @Option(
                names = "--out",
                paramLabel = "FILE",
                description = "Write every overlap to FILE, one JSON object a line.")
        String out;

        @Option(names = "--json", description = "Print the counts as one JSON object.")
        boolean json;

        @Override
        public Integer call() {
            CheckData.run(this, out());
            return ExitCodes.OK;
        }
    }
}
