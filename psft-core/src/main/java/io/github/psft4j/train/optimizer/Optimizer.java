package io.github.psft4j.train.optimizer;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;

/** Settings of {@link AdamW}. */
public record Optimizer(
        @Doc("Peak learning rate of AdamW.") @Value(name = "lr", initial = "1e-6", range = "> 0")
        double learningRate,

        @Doc("Decay of AdamW's first and second moment.") @Value(initial = "0.9, 0.999", range = ">= 0 and < 1")
        Betas betas,

        @Doc("Added to the root of AdamW's second moment.") @Value(name = "eps", initial = "1e-8", range = "> 0")
        double adamEpsilon,

        @Doc("Decoupled weight decay.") @Value(initial = "0.1", range = ">= 0")
        double weightDecay,

        @Doc("Which parameters decay: all (PyTorch's AdamW given model.parameters()) or only those of rank 2 and more,"
                + " which leaves out biases and norm gains.")
        @Value(name = "decay", initial = "all")
        DecayScope decayScope,

        @Doc("Bound on the global gradient norm, 0 for none.") @Value(initial = "1", range = ">= 0")
        double maxGradNorm,

        @Doc("How AdamW's moments are kept: in the type of the weights (full), or in bfloat16 with stochastic rounding"
                + " (bf16), which saves 4 bytes per trained parameter and changes the result a little.")
        @Value(initial = "full")
        Moments moments) {

    /** @throws ParameterException naming the setting, its value and its range */
    public Optimizer {
        Setting.check(Optimizer.class, learningRate, betas, adamEpsilon, weightDecay, decayScope, maxGradNorm, moments);
    }

    /** The same with moments kept otherwise. */
    public Optimizer with(Moments other) {
        return new Optimizer(learningRate, betas, adamEpsilon, weightDecay, decayScope, maxGradNorm, other);
    }
}
