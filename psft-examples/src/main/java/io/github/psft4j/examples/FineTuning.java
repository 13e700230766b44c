package io.github.psft4j.examples;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.examples.evaluation.SkillEvaluation;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.examples.report.RunHistory;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.TrainerListener;
import java.util.ArrayList;
import java.util.List;

/** Fine-tunes a model with one objective, evaluates it on the way and keeps every measurement. */
record FineTuning(
        QuickstartOptions options,
        List<Demonstration> demonstrations,
        SkillEvaluation evaluation,
        SkillScores base,
        Progress progress) {

    /** Trains {@code model} in place; {@code listeners} receive every step as well. */
    RunHistory run(String name, TokenObjective objective, CausalLm model, TrainerListener... listeners) {
        Recorder recorder = new Recorder(name, model);
        trainer(model, objective, demonstrations.size())
                .learningRate(options.learningRate())
                .maxSteps(options.steps())
                .seed(options.seed())
                .listener(recorder)
                .listeners(List.of(listeners))
                .build()
                .fit(demonstrations);
        int stepsPerMacroBatch = demonstrations.size() / QuickstartOptions.MINI_BATCH;
        return new RunHistory(name, recorder.steps, recorder.evaluations, stepsPerMacroBatch);
    }

    /** What all comparisons on the testbed share. */
    static TrainerBuilder trainer(CausalLm model, TokenObjective objective, int macroBatch) {
        return PsftTrainer.builder(model)
                .objective(objective)
                .macroBatch(macroBatch)
                .miniBatch(QuickstartOptions.MINI_BATCH)
                .warmupSteps(0)
                .weightDecay(QuickstartOptions.WEIGHT_DECAY)
                .maxGradNorm(QuickstartOptions.MAX_GRAD_NORM);
    }

    private final class Recorder implements TrainerListener {
        private final String name;
        private final CausalLm model;
        private final List<StepMetrics> steps = new ArrayList<>();
        private final List<SkillScores> evaluations = new ArrayList<>(List.of(base));

        Recorder(String name, CausalLm model) {
            this.name = name;
            this.model = model;
        }

        @Override
        public void onStep(StepMetrics metrics) {
            steps.add(metrics);
            progress.advance(Progress.STEP, String.format("%s: NLL %.3f", name, metrics.nll()));
            if (options.evaluatesAfter(metrics.step())) {
                evaluations.add(evaluation.evaluate(model, metrics.step(), progress.evaluationOf(name)));
            }
        }
    }
}
