package io.github.psft4j.hf.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One architecture of transformers: its {@code config.json} and the names and layout of its tensors. */
public interface ModelFamily {

    /** The families that are read and written; a new configuration gets the first that can express it. */
    List<ModelFamily> ALL =
            List.of(new LlamaFamily(), new MistralFamily(), new Qwen2Family(), new Qwen3Family(), new Gpt2Family());

    /** Name of the head's tensor in every family. */
    String HEAD = "lm_head.weight";

    /** Gives an array of a vertex: a parameter, or anything of the same shape such as its gradient. */
    interface Source {
        INDArray get(String vertex, String parameter);
    }

    /** Class name in transformers, the first of {@code architectures}. */
    String architecture();

    /** Value of {@code model_type}. */
    String modelType();

    /** Name of the model inside the language model: tensors of files saved without the head lack this prefix. */
    String basePrefix();

    /** Name of the embedding's tensor, with the prefix. */
    String embedding();

    /**
     * The architecture that the file describes.
     *
     * @throws ModelFormatException naming the field, if one is missing or asks for something that is not supported
     */
    DecoderConfig read(ConfigFile file);

    /** Writes the fields of the configuration that this family has; what it lacks is found by reading them back. */
    void write(DecoderConfig config, ObjectNode json);

    /** Hugging Face name to view of the source's arrays, in the order of the model. */
    Map<String, INDArray> tensors(DecoderConfig config, Source source);

    /** The linear modules inside the blocks, in the order of the model; the head is none of them. */
    List<LinearModule> linearModules(DecoderConfig config);

    /** Whether linear weights are stored {@code [in, out]} (GPT-2's Conv1D). */
    default boolean storesTransposed() {
        return false;
    }

    /** Whether a tensor that no parameter takes may be ignored, because it is derived from others or constant. */
    boolean isRedundant(String name, DecoderConfig config);

    /**
     * The family of a file, by {@code model_type} as transformers chooses the class, or else by
     * {@code architectures[0]}. Without a language model's head ({@code LlamaModel}) the weights decide whether there
     * is one.
     *
     * @throws ModelFormatException naming the field, if there is none, if {@code architectures} names another one, or
     *     if the weights are quantised
     */
    static ModelFamily of(ConfigFile file) {
        JsonNode architectures = file.get("architectures");
        boolean named = architectures.isArray() && !architectures.isEmpty();
        String architecture = named ? architectures.get(0).asText() : "";
        String type = file.text("model_type", "");
        for (ModelFamily family : ALL) {
            boolean same = architecture.equalsIgnoreCase(family.architecture())
                    || architecture.equalsIgnoreCase(family.modelType() + "Model");
            if (type.equals(family.modelType()) ? same || !named : same && typeIsUnknown(type)) {
                file.refuseQuantised();
                return family;
            }
        }
        List<String> known =
                ALL.stream().map(f -> named ? f.architecture() : f.modelType()).toList();
        throw file.unsupported(named ? "architectures" : "model_type", "this version reads " + known);
    }

    private static boolean typeIsUnknown(String type) {
        return ALL.stream().noneMatch(family -> family.modelType().equals(type));
    }

    /**
     * A fresh file for a configuration.
     *
     * @throws IllegalArgumentException if no family has this combination of options
     */
    static ConfigFile fileFor(DecoderConfig config) {
        for (ModelFamily family : ALL) {
            ObjectNode json = ConfigFile.newObject();
            json.putArray("architectures").add(family.architecture());
            json.put("model_type", family.modelType());
            json.put("torch_dtype", "float32");
            family.write(config, json);
            if (expresses(family, json, config)) {
                return ConfigFile.of(json);
            }
        }
        throw new IllegalArgumentException("no architecture of transformers that is known here ("
                + ALL.stream().map(ModelFamily::architecture).toList()
                + ") has this combination of options, so the model could not be saved: " + config);
    }

    private static boolean expresses(ModelFamily family, ObjectNode json, DecoderConfig config) {
        try {
            return family.read(ConfigFile.of(json)).equals(config);
        } catch (ModelFormatException e) {
            return false; // the family does not allow these values
        }
    }
}
