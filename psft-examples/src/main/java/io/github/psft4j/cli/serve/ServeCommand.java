package io.github.psft4j.cli.serve;

import io.github.psft4j.cli.console.PsftCommand;
import io.github.psft4j.cli.input.ModelOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code psft serve}. */
@Command(
        name = "serve",
        description = "Serve a model over HTTP as OpenAI does: completions and chat completions.",
        footer = {
            "",
            "Examples:",
            "  psft serve --model bundled:models/stories260K",
            "  psft serve --model DIR --precision bf16 --slots 32 --context 2048",
            "  PSFT_API_KEY=$(openssl rand -hex 24) psft serve --model DIR --host 0.0.0.0",
            "  curl localhost:8000/v1/completions -H 'Content-Type: application/json' -d '{\"prompt\": \"Once\"}'"
        })
public final class ServeCommand extends PsftCommand {

    @Mixin
    private ModelOption model;

    @Mixin
    private ServeOptions options;

    @Override
    public Integer call() throws Exception {
        model.prepare();
        return ServeRun.run(model.files(), model.dtype(), options, out(), err());
    }
}
