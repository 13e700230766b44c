package io.github.psft4j.cli.train;

import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.config.Bundled;
import io.github.psft4j.config.Keys;
import io.github.psft4j.config.RunConfig;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.monitor.HeldOutEvaluation;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.optimizer.DecayScope;
import io.github.psft4j.train.optimizer.LearningRateSchedule;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A configuration as settings of the trainer. */
final class TrainerSetup {

    private TrainerSetup() {}

    static TrainerBuilder builder(RunConfig config, CausalLm model) {
        TokenObjective objective =
                ObjectiveRegistry.create(config.get(Keys.OBJECTIVE_NAME), config.objectiveParameters());
        List<Double> betas = config.get(Keys.OPTIMIZER_BETAS);
        TrainerBuilder builder = PsftTrainer.builder(model)
                .objective(objective)
                .precision(Precision.valueOf(upper(config.get(Keys.MODEL_PRECISION))))
                .neftune(config.get(Keys.TRAIN_NEFTUNE))
                .macroBatch(config.get(Keys.BATCH_MACRO))
                .miniBatch(config.get(Keys.BATCH_MINI))
                .microBatch(config.get(Keys.BATCH_MICRO))
                .packing(config.get(Keys.BATCH_PACKING))
                .lengthGrouping(config.get(Keys.BATCH_LENGTH_GROUPING))
                .learningRate(config.get(Keys.OPTIMIZER_LR))
                .schedule(LearningRateSchedule.valueOf(upper(config.get(Keys.SCHEDULE_SHAPE))))
                .warmupSteps(config.get(Keys.SCHEDULE_WARMUP_STEPS))
                .betas(betas.get(0), betas.get(1))
                .adamEpsilon(config.get(Keys.OPTIMIZER_EPS))
                .weightDecay(config.get(Keys.OPTIMIZER_WEIGHT_DECAY))
                .decayScope(DecayScope.valueOf(upper(config.get(Keys.OPTIMIZER_DECAY))))
                .maxGradNorm(config.get(Keys.OPTIMIZER_MAX_GRAD_NORM))
                .sftWarmup(warmup(config))
                .refresh(refresh(config.get(Keys.REFRESH_EVERY)))
                .epochs(config.get(Keys.TRAIN_EPOCHS))
                .shuffle(config.get(Keys.DATA_SHUFFLE))
                .seed(config.get(Keys.RUN_SEED))
                .maxSkippedInARow(config.get(Keys.TRAIN_MAX_SKIPPED));
        config.find(Keys.OBJECTIVE_AGGREGATION)
                .ifPresent(word -> builder.aggregation(Aggregation.valueOf(upper(word))));
        config.find(Keys.REFERENCE_CACHE_DIR).map(Path::of).ifPresent(builder::referenceCache);
        if (objective.columns().contains(Column.REF_LOG_PROB)
                || objective.needs().reference()) {
            String reference = config.find(Keys.REFERENCE_PATH).orElse(config.get(Keys.MODEL_PATH));
            builder.reference(ModelFiles.load(Bundled.resolve(reference), config.get(Keys.MODEL_DTYPE)));
        }
        return config.get(Keys.TRAIN_MAX_STEPS) > 0 ? builder.maxSteps(config.get(Keys.TRAIN_MAX_STEPS)) : builder;
    }

    /**
     * When checkpoints are written, and which stay.
     *
     * @param evaluation null for a run without
     */
    static CheckpointPolicy checkpoints(RunConfig config, Path runDir, HeldOutEvaluation evaluation) {
        CheckpointPolicy policy = CheckpointPolicy.every(config.get(Keys.CHECKPOINT_EVERY), runDir)
                .keep(config.get(Keys.CHECKPOINT_KEEP), config.get(Keys.CHECKPOINT_KEEP_EVERY));
        policy = switch (config.get(Keys.CHECKPOINT_BEST_BY)) {
            case "eval_nll" -> policy.bestBy(metrics -> evaluation.nllAt(metrics.step()));
            case "nll" -> policy.bestBy(StepMetrics::nll);
            default -> policy;
        };
        return config.get(Keys.CHECKPOINT_ASYNCHRONOUS) ? policy : policy.synchronous();
    }

    private static WarmupSchedule warmup(RunConfig config) {
        double fraction = config.get(Keys.SFT_WARMUP_FRACTION);
        return fraction > 0
                ? WarmupSchedule.fraction(fraction)
                : WarmupSchedule.steps(config.get(Keys.SFT_WARMUP_STEPS));
    }

    private static RefreshSchedule refresh(String word) {
        return switch (word) {
            case "macro" -> RefreshSchedule.everyMacroBatch();
            case "never" -> RefreshSchedule.never();
            default -> RefreshSchedule.everySteps(Integer.parseInt(word));
        };
    }

    private static String upper(String word) {
        return word.toUpperCase(Locale.ROOT);
    }
}
