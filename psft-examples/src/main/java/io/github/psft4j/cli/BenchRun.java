package io.github.psft4j.cli;

import io.github.psft4j.bench.BenchResult;
import io.github.psft4j.bench.BenchWords;
import io.github.psft4j.bench.GenerateBench;
import io.github.psft4j.bench.GrpoBench;
import io.github.psft4j.bench.LoraBench;
import io.github.psft4j.bench.LossBench;
import io.github.psft4j.bench.SamplesBench;
import io.github.psft4j.bench.TrainBench;
import io.github.psft4j.cli.input.Cluster;
import io.github.psft4j.config.Bundled;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.train.slice.SliceWorkers;
import java.nio.file.Path;

/** Runs the benchmark that the options of {@code psft bench} choose. */
final class BenchRun {

    private BenchRun() {}

    static String run(BenchCommand options) {
        if (options.benchmark.equals("samples")) {
            SamplesBench.Result result = SamplesBench.run(generation(options));
            return options.json ? result.toJson() : result.toText();
        }
        BenchResult result = switch (options.benchmark) {
            case "train" ->
                TrainBench.run(
                        options.shape,
                        BenchWords.objective(options.objective),
                        BenchWords.precision(options.precision),
                        options.steps,
                        options.parts);
            case "lora" -> lora(options);
            case "grpo" ->
                GrpoBench.run(new GrpoBench.Job(
                        model(options),
                        options.length(),
                        options.newTokens,
                        options.batch,
                        options.updates,
                        BenchWords.precision(options.precision),
                        options.recompute,
                        options.steps));
            case "loss" -> LossBench.run(options.rows, options.vocabulary, options.repeats);
            case "generate" -> GenerateBench.run(generation(options));
            default ->
                throw new RefusedException("there is no benchmark " + options.benchmark
                        + "; there are train, lora, grpo, loss, generate and samples");
        };
        return options.json ? result.toJson() : result.toText();
    }

    private static BenchResult lora(BenchCommand options) {
        try (SliceWorkers workers = Cluster.open(options.cluster)) {
            return LoraBench.run(new LoraBench.Job(
                    model(options),
                    options.rank,
                    new LoraBench.Cut(options.batch, options.micro, options.length()),
                    BenchWords.precision(options.precision),
                    options.recompute,
                    options.steps,
                    options.parts,
                    workers));
        }
    }

    private static GenerateBench.Job generation(BenchCommand options) {
        return new GenerateBench.Job(
                model(options),
                BenchWords.precision(options.precision),
                options.batch,
                options.length(),
                options.newTokens,
                options.repeats,
                options.parts);
    }

    private static Path model(BenchCommand options) {
        if (options.model == null) {
            throw new RefusedException("bench " + options.benchmark + " needs --model DIR");
        }
        return Bundled.resolve(options.model);
    }
}
