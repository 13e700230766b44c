package io.github.psft4j.model;

import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.hf.peft.AdapterConfig;
import io.github.psft4j.hf.peft.LoraBias;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.hf.safetensors.ModelWeights;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Path;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Models with a LoRA adapter beside frozen weights. Training changes the adapter alone, and {@link CausalLm#save(Path)}
 * writes the adapter alone, in the files of PEFT.
 */
public final class LoraModels {

    private LoraModels() {}

    /**
     * A model with a fresh adapter. It computes what its base computes, because B is zero. Its file names the base by
     * the absolute path.
     *
     * @param base directory of the base model
     * @param type FLOAT or DOUBLE
     * @param seed of A
     * @throws IllegalArgumentException if the settings match no module of the model
     */
    public static CausalLm fresh(Path base, LoraConfig lora, DataType type, long seed) {
        return fresh(base, lora, type, FrozenType.AUTO, seed);
    }

    /**
     * The same with frozen matrices of another type.
     *
     * @throws IllegalArgumentException also if the kernels in use take no weights in bf16
     */
    public static CausalLm fresh(Path base, LoraConfig lora, DataType type, FrozenType frozen, long seed) {
        return new CausalLm(AdaptedModel.fresh(base, lora, type, frozen, seed), CausalLm.tokenizerOf(base), base);
    }

    /**
     * An adapter directory of PEFT and its base. {@link CausalLm#load(Path)} takes such a directory as well.
     *
     * @param base directory of the base model, whose absolute path a saved adapter then names; null for the path in
     *     {@code adapter_config.json}
     * @throws ModelFormatException naming file, field and value, if either is not one that this version reads
     */
    public static CausalLm load(Path adapter, Path base, DataType type) {
        return load(adapter, base, type, FrozenType.AUTO);
    }

    /**
     * The same with frozen matrices of another type.
     *
     * @throws IllegalArgumentException if the kernels in use take no weights in bf16
     */
    public static CausalLm load(Path adapter, Path base, DataType type, FrozenType frozen) {
        Path found = base == null ? baseOf(adapter) : base;
        Tokenizer own = CausalLm.tokenizerOf(adapter);
        Tokenizer tokenizer = own == null ? CausalLm.tokenizerOf(found) : own;
        return new CausalLm(AdaptedModel.read(adapter, base, type, frozen), tokenizer, adapter, found);
    }

    /** Whether a directory holds an adapter and no whole model. */
    public static boolean isAdapter(Path dir) {
        return AdaptedModel.isAdapter(dir);
    }

    /**
     * The base model of an adapter directory, by the path in its file: absolute, or relative to the adapter or to the
     * directory above it.
     *
     * @throws ModelFormatException if there is none
     */
    public static Path baseOf(Path adapter) {
        return AdaptedModel.baseOf(adapter, AdapterConfig.read(adapter));
    }

    /**
     * Checks an adapter directory and its base without reading weights.
     *
     * @return the architecture of the base
     * @throws ModelFormatException naming file and reason, if either is not one that this version reads
     */
    public static DecoderConfig check(Path adapter, Path base) {
        return AdaptedModel.check(adapter, base);
    }

    /**
     * Checks that the names in the settings of a new adapter are those of modules of a base. {@code modules_to_save} is
     * checked when the adapter is made.
     *
     * @throws IllegalArgumentException naming the setting and what there is
     */
    public static void checkNames(Path base, LoraConfig lora) {
        ModelDirectory directory = ModelDirectory.read(base);
        Adapter.checkNames(lora, directory.family(), directory.config());
    }

    /**
     * Number of parameters that an adapter trains on a base, norms that it trains whole not counted.
     *
     * @throws IllegalArgumentException if the settings match no module of the model
     */
    public static long parameters(Path base, LoraConfig lora) {
        ModelDirectory directory = ModelDirectory.read(base);
        return Adapter.parameters(lora, directory.family(), directory.config());
    }

    /**
     * Whether a model with its adapter switched off is its base. It is not if it trains modules or biases of norms
     * whole, or has no adapter.
     */
    public static boolean holdsBase(CausalLm model) {
        return settings(model).filter(LoraModels::keepsBase).isPresent();
    }

    /** Whether a model with an adapter of these settings is its base while the adapter is switched off. */
    public static boolean keepsBase(LoraConfig lora) {
        return lora.modulesToSave().isEmpty() && lora.bias() != LoraBias.ALL;
    }

    /** The settings of a model's adapter, empty for a model without one. */
    public static Optional<LoraConfig> settings(CausalLm model) {
        return model.body() instanceof AdaptedModel adapted
                ? Optional.of(adapted.adapter().lora())
                : Optional.empty();
    }

    /** Makes a model compute with its adapter, as it does at first, or as its base. */
    public static void switchAdapter(CausalLm model, boolean on) {
        DecoderGraph.switchAdapters(model.graph(), on);
    }

    /**
     * A whole model: the base with the adapter added to its weights, {@code W + scaling B A}.
     *
     * @throws IllegalArgumentException if the model has no adapter
     */
    public static CausalLm merged(CausalLm model) {
        if (!(model.body() instanceof AdaptedModel adapted)) {
            throw new IllegalArgumentException("the model has no adapter to merge");
        }
        return new CausalLm(adapted.merged(), model.tokenizer(), model.directories());
    }

    /**
     * Bytes of a number in a frozen matrix under an adapter on this base; of the files, headers alone are read.
     *
     * @param base a directory of a model, which may be without weights
     * @param type of the network
     */
    public static int frozenWidth(Path base, FrozenType frozen, DataType type) {
        if (!ModelWeights.exist(base)) {
            return frozen == FrozenType.BF16 ? Short.BYTES : type.width();
        }
        try (ModelWeights stored = ModelWeights.open(base)) {
            return AdaptedModel.matrices(stored, frozen, type).width();
        }
    }
}
