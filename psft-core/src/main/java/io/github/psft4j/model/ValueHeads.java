package io.github.psft4j.model;

import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.LmHead;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.Set;

/**
 * Models with a value head, the critics of PPO: what reward is still to come before every token. The value is linear in
 * the hidden state after the final norm, with a bias. A fresh head is zero, so it expects nothing.
 *
 * <p>A value head is no part of the files of a model: {@link CausalLm#save} leaves it out, so that other programs read
 * them. Checkpoints keep it in {@code critic.safetensors}.
 */
public final class ValueHeads {

    /** Name of the weight {@code [1, D]} among {@link CausalLm#tensors()}. */
    public static final String WEIGHT = "value_head.weight";

    /** Name of the bias {@code [1]}. */
    public static final String BIAS = "value_head.bias";

    /** Both names. */
    public static final Set<String> NAMES = Set.of(WEIGHT, BIAS);

    private ValueHeads() {}

    /**
     * A policy with a critic on its trunk: a copy of the model with a value beside its logits.
     *
     * @throws IllegalArgumentException if the model has an adapter
     */
    public static CausalLm shared(CausalLm model) {
        return with(model, LmHead.Output.LOGITS_AND_VALUE);
    }

    /**
     * A critic with a trunk of its own: a copy of the model with a value in place of its logits. It cannot generate.
     *
     * @param model such as the policy, a smaller model or one that was trained on rewards
     * @throws IllegalArgumentException if the model has an adapter
     */
    public static CausalLm separate(CausalLm model) {
        return with(model, LmHead.Output.VALUE);
    }

    private static CausalLm with(CausalLm model, LmHead.Output output) {
        if (!(model.body() instanceof WholeModel whole)) {
            throw new IllegalArgumentException("a critic needs a whole model, and this one has an adapter; merge it"
                    + " (LoraModels.merged), or make the critic of the base");
        }
        return new CausalLm(whole.withValue(output), model.tokenizer(), model.directories());
    }

    /** Number of parameters of a critic with a trunk of its own. */
    public static long parameters(DecoderConfig config) {
        long d = config.hiddenSize();
        return config.untied().parameters() - config.vocabSize() * d + d + 1;
    }

    /** Whether a model has a value. */
    public static boolean has(CausalLm model) {
        return DecoderGraph.output(model.graph()).value();
    }
}
