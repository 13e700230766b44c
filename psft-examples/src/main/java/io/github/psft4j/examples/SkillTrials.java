package io.github.psft4j.examples;

import io.github.psft4j.examples.evaluation.SkillEvaluation;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.examples.experiment.run.TrialResult;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes the runs of the experiments: fine-tunes the base model on additions and evaluates it on the way. */
final class SkillTrials {

    /** Evaluations of a run, at equal distances. */
    private static final int EVALUATIONS = 5;

    private final Path base;
    private final SkillEvaluation evaluation =
            new SkillEvaluation(Trial.PROBLEMS, Trial.SAMPLES, QuickstartOptions.PROBLEM_SEED);
    private final SkillScores before;

    /** @param base directory of the base model */
    SkillTrials(Path base) {
        this.base = base;
        before = evaluation.evaluate(CausalLm.load(base), 0, part -> {});
    }

    /** Runs a trial with a seed, which decides the demonstrations and their order. */
    TrialResult run(Trial trial, long seed) {
        long started = System.nanoTime();
        CausalLm model = CausalLm.load(base);
        Recorder recorder = new Recorder(model, trial.steps());
        FineTuning.trainer(model, trial.objective(), trial.demonstrations())
                .learningRate(trial.rate())
                .sftWarmup(WarmupSchedule.steps(trial.warmup()))
                .refresh(trial.refresh())
                .maxSteps(trial.steps())
                .seed(seed)
                .listener(recorder)
                .build()
                .fit(Quickstart.demonstrations(model.tokenizer(), seed).subList(0, trial.demonstrations()));
        double seconds = (System.nanoTime() - started) / 1e9;
        return TrialResult.of(seed, seconds, recorder.evaluations, recorder.steps);
    }

    private final class Recorder implements TrainerListener {
        private final CausalLm model;
        private final int every;
        private final List<SkillScores> evaluations = new ArrayList<>(List.of(before));
        private final List<StepMetrics> steps = new ArrayList<>();

        Recorder(CausalLm model, int steps) {
            this.model = model;
            every = steps / EVALUATIONS;
        }

        @Override
        public void onStep(StepMetrics metrics) {
            steps.add(metrics);
            if (metrics.step() % every == 0) {
                evaluations.add(evaluation.evaluate(model, metrics.step(), part -> {}));
            }
        }
    }
}
