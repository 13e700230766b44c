package io.github.psft4j.examples;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** A program that compares SFT with PSFT, and the options that all such programs have. */
abstract class ComparisonProgram extends Program {

    @Option(names = "--steps", paramLabel = "N", description = "Optimizer steps of each run.")
    private int steps = 480;

    @Option(names = "--clip", paramLabel = "WIDTH", description = "Upper clip width of PSFT.")
    private double clipHigh = 0.28;

    @Option(names = "--problems", paramLabel = "N", description = "Held-out problems per skill.")
    private int problems = 200;

    @Option(names = "--model", paramLabel = "DIR", description = "Base model; without it, the one in the jar.")
    private Path model;

    final QuickstartOptions options(double learningRate, long seed, int evaluations, Path out) {
        return made(
                () -> new QuickstartOptions(learningRate, steps, seed, clipHigh, evaluations, problems, model, out));
    }
}
