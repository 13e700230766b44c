package io.github.psft4j.train;

import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.NonFiniteLossException;
import io.github.psft4j.loss.ValueObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.train.optimizer.AdamW;
import io.github.psft4j.train.settings.Goal;
import io.github.psft4j.train.settings.TrainerSettings;
import io.github.psft4j.train.settings.Training;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MiniBatch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A critic with a trunk of its own. It takes a step wherever the policy takes one, on the same sequences, with the same
 * settings of AdamW but its own moments and its own bound on the gradient norm.
 */
final class Critic {

    /** Name in logs of the norm of its gradient before clipping. */
    static final String GRAD_NORM = "critic_grad_norm";

    /**
     * What a trainer is given.
     *
     * @param model with a value in place of logits
     * @param objective what it minimises
     */
    record Given(CausalLm model, ValueObjective objective) {}

    private final Given given;
    private final GradientPass pass;
    private final AdamW optimizer;
    private final TensorOps ops;

    Critic(Given given, TrainerSettings settings, MicroBatches micro) {
        this.given = given;
        ValueObjective objective = given.objective();
        TrainerSettings own = new TrainerSettings(
                new Goal(objective, objective.aggregation(), WarmupSchedule.none(), RefreshSchedule.everyMacroBatch()),
                settings.batch(),
                quiet(settings.train()),
                settings.optimizer(),
                settings.schedule(),
                settings.order(),
                settings.precision());
        INDArray weights = given.model().graph().params();
        this.ops = TensorOpsFactory.forType(weights.dataType());
        this.pass = new GradientPass(given.model(), own, micro, null, List.of(), 1, null);
        this.optimizer = new AdamW(
                ops,
                settings.optimizer(),
                weights,
                given.model().parameterRanges(),
                settings.order().seed());
    }

    /** Without noise on the embeddings. */
    private static Training quiet(Training train) {
        return new Training(train.epochs(), train.maxSteps(), train.maxSkippedInARow(), 0, train.recompute());
    }

    /**
     * Computes the gradient.
     *
     * @return what it measured, by the names in logs
     * @throws NonFiniteLossException if loss or gradient are not finite
     */
    Map<String, Double> gradient(MiniBatch mini, MacroBatch macro, int step) {
        LossReport report = pass.of(mini, macro, given.objective(), step);
        double norm = Math.sqrt(ops.vectors().sumOfSquares(pass.gradient()));
        if (!Double.isFinite(norm)) {
            throw new NonFiniteLossException("the gradient norm of the critic is " + norm);
        }
        Map<String, Double> out = new LinkedHashMap<>(report.measures().values());
        out.put(GRAD_NORM, norm);
        return out;
    }

    /** Takes the step of the gradient that was computed last. */
    void step(double learningRate) {
        optimizer.step(given.model().graph().params(), pass.gradient(), learningRate);
    }

    /** The model. */
    CausalLm model() {
        return given.model();
    }

    /** Weights and moments. */
    CheckpointFiles.Vectors vectors() {
        INDArray[] moments = optimizer.moments();
        return new CheckpointFiles.Vectors(given.model().graph().params(), moments[0], moments[1], null);
    }

    /** Continues after so many steps of AdamW; weights and moments are filled by the caller. */
    void restore(int appliedSteps) {
        optimizer.restore(appliedSteps);
    }
}
