package io.github.psft4j.cli.model;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.PsftCommand;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.cli.input.ModelOption;
import io.github.psft4j.io.RefusedException;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code psft generate}. */
@Command(
        name = "generate",
        description = "Continue a prompt.",
        footer = {
            "",
            "Examples:",
            "  psft generate --model bundled:models/stories260K --prompt \"Once upon a time\" --max-new-tokens 60",
            "  psft generate --model DIR --prompt \"Why?\" --temperature 0.7 --top-p 0.95 --seed 1",
            "  psft generate --model DIR --ids 1,403,407 --max-new-tokens 16 --ids-only"
        })
public final class GenerateCommand extends PsftCommand {

    /** One of the two. */
    static final class Prompt {
        @Option(names = "--prompt", paramLabel = "TEXT", description = "Text to continue.")
        private String text;

        @Option(
                names = "--ids",
                paramLabel = "ID,ID,...",
                split = ",",
                description = "Token ids to continue; nothing is added, and only --stop-id stops.")
        private List<Integer> ids;
    }

    @Option(names = "--chat", description = "The text of --prompt becomes a user message of the chat template.")
    private boolean chat;

    /** At most one of the two. */
    static final class Form {
        @Option(
                names = "--ids-only",
                description = "Print the ids of prompt and continuation, comma separated, alone on a line.")
        private boolean idsOnly;

        @Option(names = "--json", description = "Print one JSON object: text, ids, log-probs and entropies.")
        private boolean json;
    }

    @Mixin
    private ModelOption model;

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Prompt prompt;

    @Mixin
    private SamplingOptions sampling;

    @ArgGroup(exclusive = true)
    private Form form = new Form();

    @Override
    public Integer call() {
        model.prepare();
        ModelFiles files = model.files();
        boolean hasTemplate = prompt.text != null && files.template() != null;
        if (chat && prompt.text == null) {
            throw new RefusedException("--chat needs --prompt");
        }
        if (hasTemplate && !chat) {
            err().println("this model has a chat template: use psft chat, or --chat; the prompt is continued as raw"
                    + " text");
        }
        out().println(GenerateRun.run(
                files, model.dtype(), prompt.text, chat, prompt.ids, sampling, form.idsOnly, form.json));
        return ExitCodes.OK;
    }
}
