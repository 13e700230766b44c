package io.github.psft4j.cli.model;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.PsftCommand;
import io.github.psft4j.cli.input.ModelOption;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code psft chat}. */
@Command(
        name = "chat",
        description = "Talk to a model that has a chat template.",
        footer = {
            "",
            "A line is a message; /reset forgets the conversation, /exit or the end of input leaves.",
            "",
            "Example:",
            "  psft chat --model DIR --system \"Answer briefly.\" --temperature 0.7"
        })
public final class ChatCommand extends PsftCommand {

    @Mixin
    private ModelOption model;

    @Mixin
    private SamplingOptions sampling;

    @Option(names = "--system", paramLabel = "TEXT", description = "System message.")
    private String system;

    @Override
    public Integer call() throws Exception {
        model.prepare();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        ChatRun.run(model.files(), model.dtype(), sampling, system, in, out());
        return ExitCodes.OK;
    }
}
