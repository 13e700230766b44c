package io.github.psft4j.cli;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.Json;
import io.github.psft4j.cli.console.PsftCommand;
import io.github.psft4j.cli.input.DataSettings;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.config.Bundled;
import io.github.psft4j.config.ConfigLoader;
import io.github.psft4j.config.KeyTable;
import io.github.psft4j.config.Lora;
import io.github.psft4j.config.ReadyConfigs;
import io.github.psft4j.config.Reference;
import io.github.psft4j.config.ResolvedFile;
import io.github.psft4j.config.RunConfig;
import io.github.psft4j.config.Sections;
import io.github.psft4j.io.Shown;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code psft config}: configurations without running them. */
@Command(
        name = "config",
        description = "List, copy, check and explain configurations.",
        subcommands = {
            ConfigCommand.Ls.class,
            ConfigCommand.Cp.class,
            ConfigCommand.Validate.class,
            ConfigCommand.KeysCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  psft config ls",
            "  psft config cp laptop my.yaml",
            "  psft config validate my.yaml --set optimizer.lr=1e-5",
            "  psft config keys optimizer"
        })
final class ConfigCommand extends PsftCommand {

    @Override
    public Integer call() {
        throw wrongUsage("a command is missing: ls, cp, validate or keys");
    }

    /** {@code psft config ls}. */
    @Command(
            name = "ls",
            description = "List the configurations that come with psft.",
            footer = {"", "Example:", "  psft config ls --json"})
    static final class Ls extends PsftCommand {
        @Option(names = "--json", description = "Print one JSON object: name to description.")
        private boolean json;

        @Override
        public Integer call() {
            Map<String, String> all = ReadyConfigs.all();
            if (json) {
                out().println(Json.text(all));
            } else {
                all.forEach((name, description) -> out().printf("%-22s %s%n", name, description));
            }
            return ExitCodes.OK;
        }
    }

    /** {@code psft config cp}. */
    @Command(
            name = "cp",
            description = "Copy a configuration that comes with psft, to be changed and run.",
            footer = {"", "Example:", "  psft config cp psft-qwen2.5-7b math.yaml"})
    static final class Cp extends PsftCommand {
        @Parameters(index = "0", paramLabel = "NAME", description = "A name that \"psft config ls\" shows.")
        private String name;

        @Parameters(
                index = "1",
                paramLabel = "FILE",
                arity = "0..1",
                description = "Where to; default NAME.yaml in the working directory.")
        private Path file;

        @Override
        public Integer call() {
            Path target = ReadyConfigs.copy(name, file);
            out().println(target);
            return ExitCodes.OK;
        }
    }

    /** {@code psft config validate}. */
    @Command(
            name = "validate",
            description =
                    "Check a configuration without running it: the settings, all faults at once, then config.json, the"
                            + " headers of the weights and the chat template of its model. Data files are not read.",
            footer = {"", "Example:", "  psft config validate my.yaml && psft train my.yaml"})
    static final class Validate extends PsftCommand {
        @Parameters(paramLabel = "FILE", description = "The configuration.")
        private Path file;

        @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Setting that wins over the file.")
        private List<String> overrides = List.of();

        @Option(names = "--json", description = "Print every setting with value and origin as one JSON object.")
        private boolean json;

        @Override
        public Integer call() {
            RunConfig config = ConfigLoader.load(file, overrides);
            Sections.Model given = config.get(Sections.Model.class);
            ModelFiles files = ModelFiles.of(Bundled.resolve(given.path()), given.base());
            DecoderConfig model = files.check();
            Sections.Data data = config.get(Sections.Data.class);
            files.template(data.chatTemplate());
            DataSettings.of(data, data.train());
            Lora lora = config.get(Lora.class);
            if (lora.on()) {
                LoraModels.checkNames(files.whole(), lora.config());
            }
            long adapter = lora.on() ? LoraModels.parameters(files.whole(), lora.config()) : 0;
            String reference = config.get(Reference.class).path();
            if (reference != null) {
                CausalLm.check(Bundled.resolve(reference));
            }
            if (json) {
                out().println(Json.text(ResolvedFile.values(config)));
            } else {
                out().println(Shown.format(
                        "%s is valid; its model has %,d parameters%s",
                        file,
                        model.parameters(),
                        adapter == 0 ? "" : Shown.format(", LoRA trains %,d beside them", adapter)));
            }
            return ExitCodes.OK;
        }
    }

    /** {@code psft config keys}. */
    @Command(
            name = "keys",
            description = "Explain the settings: type, range, default, meaning.",
            footer = {
                "",
                "Examples:",
                "  psft config keys",
                "  psft config keys optimizer",
                "  psft config keys objective        # lists all objectives",
                "  psft config keys objective.psft   # explains the parameters of one"
            })
    static final class KeysCommand extends PsftCommand {
        @Parameters(
                paramLabel = "WHAT",
                arity = "0..1",
                description = "Only this section, setting, or objective (objective.NAME).")
        private String what;

        @Option(names = "--markdown", description = "Print the table of docs/cli.md.")
        private boolean markdown;

        @Override
        public Integer call() {
            out().print(markdown ? KeyTable.markdown(what) : KeyTable.text(what));
            out().flush();
            return ExitCodes.OK;
        }
    }
}
