package io.github.psft4j.train.optimizer;

import io.github.psft4j.settings.Default;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Named;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Range;
import io.github.psft4j.settings.Setting;

/** Settings of {@link AdamW}. */
public record Optimizer(
        @Named("lr") @Default("1e-6") @Range("> 0") @Doc("Peak learning rate of AdamW.")
        double learningRate,

        @Default("0.9, 0.999") @Range(">= 0 and < 1") @Doc("Decay of AdamW's first and second moment.")
        Betas betas,

        @Named("eps") @Default("1e-8") @Range("> 0") @Doc("Added to the root of AdamW's second moment.")
        double adamEpsilon,

        @Default("0.1") @Range(">= 0") @Doc("Decoupled weight decay.")
        double weightDecay,

        @Named("decay")
        @Default("all")
        @Doc("Which parameters decay: all (PyTorch's AdamW given model.parameters()) or only those of rank 2 and more,"
                + " which leaves out biases and norm gains.")
        DecayScope decayScope,

        @Default("1") @Range(">= 0") @Doc("Bound on the global gradient norm, 0 for none.")
        double maxGradNorm) {

    /**
     * @throws ParameterException naming the setting, its value and its range
     */
    public Optimizer {
        Setting.check(Optimizer.class, learningRate, betas, adamEpsilon, weightDecay, decayScope, maxGradNorm);
    }
}
