package io.github.psft4j.cli.input;

import io.github.psft4j.config.Bundled;
import io.github.psft4j.config.Threads;
import io.github.psft4j.io.RefusedException;
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

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Worker threads; default 0, all processors.")
    private int threads;

    /** The model and, for an adapter, its base. */
    public ModelFiles files() {
        return ModelFiles.of(Bundled.resolve(model), base);
    }

    public String dtype() {
        if (!dtype.equals("float") && !dtype.equals("double")) {
            throw new RefusedException("--dtype must be float or double, was " + dtype);
        }
        return dtype;
    }

    /** Call this before the first class of the kernels is used. Output is the command's own, so the log is quiet. */
    public void prepare() {
        System.getProperties().putIfAbsent("psft.log", "WARN");
        Threads.apply(threads);
    }
}
