package io.github.psft4j.cli.input;

import io.github.psft4j.config.Bundled;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of commands that compute with a model. */
public final class ModelOption {

    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "Hugging Face directory, adapter directory of PEFT, checkpoint, or bundled:NAME.")
    private String model;

    @Option(
            names = "--base",
            paramLabel = "DIR",
            description = "Base model of an adapter; default the path in its adapter_config.json.")
    private String base;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "float",
            description = "float (default) or double: weights and arithmetic.")
    private String dtype;

    @Mixin
    private ThreadsOption threads;

    /** The model and, for an adapter, its base. */
    public ModelFiles files() {
        return ModelFiles.of(Bundled.resolve(model), base);
    }

    public String dtype() {
        ModelFiles.type(dtype);
        return dtype;
    }

    /** Call this before the first class of the kernels is used. Output is the command's own, so the log is quiet. */
    public void prepare() {
        threads.prepare();
    }
}
