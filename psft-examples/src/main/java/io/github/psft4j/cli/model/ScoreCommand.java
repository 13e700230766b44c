package io.github.psft4j.cli.model;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.PsftCommand;
import io.github.psft4j.cli.input.ModelOption;
import io.github.psft4j.config.Bundled;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code psft score}. */
@Command(
        name = "score",
        description = "Log-probs and entropies of given sequences under a model.",
        footer = {
            "",
            "One output row per input row, in input order:",
            "  tokens           number of trained tokens (all but the first where nothing is masked)",
            "  nll              their mean negative log-likelihood, nats/token; null if there are none",
            "  token_logprobs   position t is the log-prob of input_ids[t+1], nats",
            "  token_entropies  position t is the entropy of its distribution, nats",
            "A summary of all rows goes to standard error.",
            "",
            "Examples:",
            "  psft score --model runs/laptop/final --input test.jsonl --output scores.jsonl",
            "  echo '{\"input_ids\": [1, 5, 9], \"loss_mask\": [0, 1, 1]}' > ids.jsonl",
            "  psft score --model DIR --input ids.jsonl --output scores.jsonl"
        })
public final class ScoreCommand extends PsftCommand {

    @Mixin
    private ModelOption model;

    @Option(
            names = "--input",
            required = true,
            paramLabel = "FILE",
            description =
                    "Rows in any data layout (JSONL, .gz, Parquet), or bundled:NAME; input_ids with loss_mask need no"
                            + " tokenizer.")
    private String input;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "FILE",
            description = "JSONL to write; an earlier file is replaced once all rows are scored.")
    private Path output;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "8",
            description = "Sequences per forward pass; default 8.")
    private int batch;

    @Option(
            names = "--loss-on",
            paramLabel = "WHAT",
            defaultValue = "auto",
            description = "auto (default), completion, assistant or all: the tokens that count for nll.")
    private String lossOn;

    @Option(names = "--no-append-eos", description = "Do not append the end-of-sequence token to completions.")
    private boolean noAppendEos;

    @Override
    public Integer call() throws Exception {
        model.prepare();
        String summary =
                ScoreRun.run(model.files(), model.dtype(), Bundled.resolve(input), output, batch, lossOn, !noAppendEos);
        err().println(summary);
        return ExitCodes.OK;
    }
}
