package io.github.psft4j.cli.train;

import io.github.psft4j.config.Lora;
import io.github.psft4j.config.RunConfig;
import io.github.psft4j.config.Sections.Objective;
import io.github.psft4j.train.TrainingPlan;
import io.github.psft4j.train.optimizer.Optimizer;
import io.github.psft4j.train.optimizer.Schedule;
import io.github.psft4j.train.settings.Batch;
import java.util.ArrayList;
import java.util.List;

/** What a run warns of before it reads anything: settings that are valid and hardly meant. */
final class FirstWarnings {

    /** AdamW moves a weight by about the rate, whatever its gradient. */
    private static final double HIGHEST_USUAL_RATE = 0.1;

    private FirstWarnings() {}

    static List<String> of(RunConfig config) {
        List<String> warnings = new ArrayList<>();
        double lr = config.get(Optimizer.class).learningRate();
        if (lr > HIGHEST_USUAL_RATE) {
            warnings.add("warning: optimizer.lr is " + lr + ", and AdamW moves every weight by about as much in a step;"
                    + " usual rates are 1e-6 to 1e-3");
        }
        Batch batch = config.get(Batch.class);
        if ("psft".equals(config.get(Objective.class).name()) && batch.macroBatch() == batch.miniBatch()) {
            warnings.add(
                    "warning: batch.macro is batch.mini (" + batch.miniBatch() + "), so K = 1: pi_old is always the"
                            + " current policy, and psft is sft"
                            + (config.get(Lora.class).on() ? " of the adapter" : "")
                            + "; set batch.macro to several times batch.mini (the paper: 8)");
        }
        return warnings;
    }

    /** Warm-ups that are as long as the run, so that what they lead to never comes. */
    static List<String> of(RunConfig config, TrainingPlan plan) {
        List<String> warnings = new ArrayList<>();
        int warmup = config.get(Schedule.class).warmupSteps();
        if (warmup > plan.totalSteps()) {
            warnings.add("warning: schedule.warmup_steps is " + warmup + " and the run has " + plan.totalSteps()
                    + " steps, so that the rate never reaches optimizer.lr; lower it, or train longer");
        }
        Batch batch = config.get(Batch.class);
        int perMacro = batch.macroBatch() / batch.miniBatch();
        int perEpoch = plan.stepsPerEpoch() > 0 ? plan.stepsPerEpoch() : plan.totalSteps();
        double epochs = (double) plan.totalSteps() / perEpoch;
        double macroSteps = Math.ceil(epochs * Math.ceil((double) perEpoch / perMacro));
        if (plan.warmupMacroSteps() > 0 && plan.warmupMacroSteps() >= macroSteps) {
            warnings.add("warning: sft_warmup takes all macro-batches of the run, so that " + plan.objective()
                    + " never begins and this is SFT; shorten it, or train longer");
        }
        return warnings;
    }
}
