package io.github.psft4j.examples;

import io.github.psft4j.examples.evaluation.SkillEvaluation;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.examples.experiment.run.RlResult;
import io.github.psft4j.examples.experiment.run.RlTrial;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.examples.experiment.run.TrialResult.Point;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Makes the runs of reinforcement learning: fine-tunes a checkpoint, continues it with rewards, evaluates on the way.
 */
final class RlRunner {

    /** Evaluations of a run, at equal distances. */
    private static final int EVALUATIONS = 4;

    private static final double UNIT = 1e-4;

    private final Path base;
    private final Path checkpoints;
    private final SkillEvaluation evaluation =
            new SkillEvaluation(Trial.PROBLEMS, Trial.SAMPLES, QuickstartOptions.PROBLEM_SEED);

    /**
     * @param base directory of the base model
     * @param checkpoints where fine-tuned models are kept for the other objectives
     */
    RlRunner(Path base, Path checkpoints) {
        this.base = base;
        this.checkpoints = checkpoints;
    }

    /** Runs a trial with a seed, which decides demonstrations, problems, order and samples. */
    RlResult run(RlTrial trial, long seed) throws IOException {
        Path start = start(trial, seed);
        long started = System.nanoTime();
        SkillRollouts training = new SkillRollouts(
                trial.objective(), RlTrial.ROLLOUTS, RlTrial.PROMPTS, RlTrial.GROUP, RlTrial.UPDATES, 1, RlTrial.RATE);
        CausalLm model = CausalLm.load(start);
        int[] before = right(model);
        Recorder recorder = new Recorder(model, training);
        training.train(model, seed, recorder);
        return new RlResult(
                seed,
                Math.round(10 * (System.nanoTime() - started) / 1e9) / 10.0,
                steps(start),
                recorder.points,
                recorder.byRollout(metrics -> metrics.measure("reward")),
                recorder.byRollout(StepMetrics::entropy),
                before,
                right(model));
    }

    private int[] right(CausalLm model) {
        return evaluation.rightSamples(model, RlTrial.PASS_PROBLEMS, RlTrial.TRIES);
    }

    /** The checkpoint, trained if it is not there yet; its directory ends in the number of its steps. */
    private Path start(RlTrial trial, long seed) throws IOException {
        if (trial.start() == null) {
            return base;
        }
        Path parent = checkpoints.resolve(trial.start().id() + "-nll" + trial.nll() + "-" + seed);
        if (Files.exists(parent)) {
            try (var list = Files.list(parent)) {
                return list.findFirst().orElseThrow();
            }
        }
        CausalLm model = CausalLm.load(base);
        Stop stop = new Stop(model, trial.nll());
        FineTuning.trainer(model, trial.start().objective(), trial.start().demonstrations())
                .learningRate(trial.start().rate())
                .sftWarmup(WarmupSchedule.steps(trial.start().warmup()))
                .refresh(trial.start().refresh())
                .maxSteps(trial.start().steps())
                .seed(seed)
                .listener(stop)
                .build()
                .fit(Quickstart.demonstrations(model.tokenizer(), seed));
        Path directory = parent.resolve("step-" + stop.step);
        Files.createDirectories(parent);
        model.save(directory);
        return directory;
    }

    private static int steps(Path start) {
        String name = start.getFileName().toString();
        return name.startsWith("step-") ? Integer.parseInt(name.substring("step-".length())) : 0;
    }

    /** Ends fine-tuning at a held-out NLL. */
    private final class Stop implements TrainerListener {
        private final CausalLm model;
        private final double nll;
        private int step;

        Stop(CausalLm model, double nll) {
            this.model = model;
            this.nll = nll;
        }

        @Override
        public void onStep(StepMetrics metrics) {
            step = metrics.step();
        }

        @Override
        public Optional<String> stopReason() {
            boolean look = nll > 0 && step > 0 && step % RlTrial.LOOK == 0;
            return look && evaluation.nll(model).value() <= nll ? Optional.of("NLL " + nll) : Optional.empty();
        }
    }

    private final class Recorder implements TrainerListener {
        private final CausalLm model;
        private final SkillRollouts training;
        private final List<Point> points = new ArrayList<>();
        private final List<StepMetrics> steps = new ArrayList<>();

        Recorder(CausalLm model, SkillRollouts training) {
            this.model = model;
            this.training = training;
            add(0);
        }

        @Override
        public void onStep(StepMetrics metrics) {
            steps.add(metrics);
            if (metrics.step() % (training.steps() / EVALUATIONS) == 0) {
                add(metrics.step());
            }
        }

        private void add(int step) {
            SkillScores scores = evaluation.evaluate(model, step, part -> {});
            points.add(Point.of(scores));
        }

        /** Means over the steps of each rollout, ten-thousandths. */
        int[] byRollout(ToDoubleFunction<StepMetrics> value) {
            int[] out = new int[RlTrial.ROLLOUTS];
            for (int r = 0; r < out.length; r++) {
                double mean = steps.subList(r * training.stepsOfRollout(), (r + 1) * training.stepsOfRollout()).stream()
                        .mapToDouble(value)
                        .filter(Double::isFinite)
                        .average()
                        .orElse(0);
                out[r] = (int) Math.round(mean / UNIT);
            }
            return out;
        }
    }
}
