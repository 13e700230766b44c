package io.github.psft4j.cli.model;

import io.github.psft4j.cli.console.CommonOptions;
import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.input.ModelOption;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
public final class ChatCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private ModelOption model;

    @Mixin
    private SamplingOptions sampling;

    @Option(names = "--system", paramLabel = "TEXT", description = "System message.")
    private String system;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        model.prepare();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        ChatRun.run(
                model.files(),
                model.dtype(),
                sampling,
                system,
                in,
                spec.commandLine().getOut());
        return ExitCodes.OK;
    }
}
