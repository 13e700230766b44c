package io.github.psft4j.examples.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code psft bench}. */
@Command(
        name = "bench",
        description = "Measure the speed of training steps on random tokens.",
        footer = {
            "",
            "Figures of two runs can be compared on the same machine only, and only if nothing else runs there.",
            "",
            "Examples:",
            "  psft bench",
            "  psft bench --objective psft --shape 16,128,256,4,4,4,683,8192 --threads 2 --json"
        })
final class BenchCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Option(
            names = "--shape",
            paramLabel = "B,T,D,H,KV,L,F,V",
            defaultValue = "16,128,256,4,4,4,683,8192",
            description = "B sequences of T tokens, width D, H query and KV key/value heads, L layers, feed-forward F,"
                    + " vocabulary V; default ${DEFAULT-VALUE}.")
    private String shape;

    @Option(
            names = "--objective",
            paramLabel = "NAME",
            defaultValue = "sft",
            description = "sft (default), or psft with K = 8 and its snapshot pass included.")
    private String objective;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "24", description = "Steps measured; default 24.")
    private int steps;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0", description = "Default 0, all processors.")
    private int threads;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        io.github.psft4j.examples.config.Threads.apply(threads);
        spec.commandLine().getOut().println(BenchRun.run(shape, objective, steps, json));
        return ExitCodes.OK;
    }
}
