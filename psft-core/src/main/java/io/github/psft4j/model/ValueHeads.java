package io.github.psft4j.model;

import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.hf.safetensors.SafetensorsWriter;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.LmHead;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Models with a value head, the critics of PPO: what reward is still to come before every token. The value is linear in
 * the hidden state after the final norm, with a bias. A fresh head is zero, so it expects nothing.
 *
 * <p>A value head is no part of the files of a model: {@link CausalLm#save} leaves it out, so that other programs read
 * them. {@link #save} and checkpoints write it beside them, in {@code critic.safetensors}. The directory of a critic
 * with a trunk of its own opens as a language model that predicts nothing: only its hidden states were trained.
 */
public final class ValueHeads {

    /** Name of the weight {@code [1, D]} among {@link CausalLm#tensors()}. */
    public static final String WEIGHT = "value_head.weight";

    /** Name of the bias {@code [1]}. */
    public static final String BIAS = "value_head.bias";

    /** Both names. */
    public static final Set<String> NAMES = Set.of(WEIGHT, BIAS);

    /** The file that holds it, beside those of a model. */
    public static final String FILE = "critic.safetensors";

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

    /**
     * Writes the head of a model that has one, in full precision. The model itself is written by {@link CausalLm#save}.
     *
     * @throws UncheckedIOException if the device fails
     */
    public static void save(CausalLm model, Path dir) {
        Map<String, INDArray> head = model.tensors();
        head.keySet().retainAll(NAMES);
        write(dir, head);
    }

    /** Writes tensors of a critic, its head among them, in full precision. */
    public static void write(Path dir, Map<String, INDArray> tensors) {
        boolean isDouble = tensors.get(WEIGHT).dataType() == DataType.DOUBLE;
        SafetensorsWriter.write(dir.resolve(FILE), tensors, isDouble ? DType.F64 : DType.F32, Map.of());
    }

    /** Whether a directory has a value head. */
    public static boolean isSaved(Path dir) {
        return Files.exists(dir.resolve(FILE));
    }

    /**
     * Reads the head of a directory that has one, and whatever else of the model its file holds. In the checkpoint of a
     * critic with a trunk of its own that is all of it.
     *
     * @param model has a value head
     * @throws io.github.psft4j.hf.ModelFormatException naming file and tensor, if they do not fit
     */
    public static void restore(CausalLm model, Path dir) {
        try (SafetensorsReader reader = SafetensorsReader.open(dir.resolve(FILE))) {
            model.tensors().forEach((name, view) -> {
                if (NAMES.contains(name) || reader.names().contains(name)) {
                    reader.readInto(name, view);
                }
            });
        }
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
