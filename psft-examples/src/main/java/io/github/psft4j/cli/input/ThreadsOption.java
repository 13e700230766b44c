package io.github.psft4j.cli.input;

import io.github.psft4j.config.Threads;
import picocli.CommandLine.Option;

/** The option {@code --threads} of commands that compute. */
public final class ThreadsOption {

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Worker threads; default 0, all processors.")
    private int threads;

    /** Call this before the first class of the kernels is used. */
    public void prepare() {
        prepare(null);
    }

    /**
     * The same for work on a cluster, where the default is one thread.
     *
     * @param master of the cluster, null for none
     */
    public void prepare(String master) {
        System.getProperties().putIfAbsent("psft.log", "WARN");
        Threads.apply(Cluster.threads(master, threads));
    }
}
