package io.github.psft4j.model;

import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.hf.config.ModelFamily;
import io.github.psft4j.hf.safetensors.ModelWeights;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Path;
import java.util.TreeSet;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** The weights of a model directory, checked against its architecture and read into a graph. */
final class StoredWeights {

    /** Parameters that may be allocated independent of the weights: 64 MB. */
    private static final long TINY = 1 << 24;

    private StoredWeights() {}

    /**
     * Parameters are allocated from config.json before weights are read, so their size must be in proportion to the
     * weights. If it is, a tensor that is missing or has another shape is named when it is read.
     */
    static void requireProportion(Path dir, DecoderConfig config, ModelWeights weights) {
        long stored = weights.elements();
        long wanted;
        try {
            wanted = config.parameters();
        } catch (ArithmeticException e) {
            wanted = Long.MAX_VALUE;
        }
        if (wanted / 2 > stored + TINY) {
            throw new ModelFormatException(dir.resolve("config.json") + " describes a model of "
                    + (wanted == Long.MAX_VALUE ? "more than 2^63" : wanted) + " parameters, " + weights.source()
                    + " has "
                    + stored + "; they are not of the same model, or a file is incomplete: fetch the directory again");
        }
    }

    /** Reads every tensor into its place; refuses tensors that have none. */
    static void read(ModelWeights weights, ModelFamily family, DecoderConfig config, ModelFamily.Source target) {
        TreeSet<String> unknown = new TreeSet<>(weights.names());
        family.tensors(config, target).forEach((name, view) -> {
            String bare = withoutPrefix(name, family.basePrefix());
            String stored = !unknown.contains(name) && unknown.contains(bare) ? bare : name;
            if (config.tiedEmbeddings() && name.equals(family.embedding()) && !unknown.contains(stored)) {
                stored = unknown.contains(ModelFamily.HEAD) ? ModelFamily.HEAD : stored; // one of the two is enough
            }
            unknown.remove(stored);
            weights.readInto(stored, view);
        });
        unknown.removeIf(name -> family.isRedundant(name, config));
        if (!unknown.isEmpty()) {
            throw new ModelFormatException(weights.source()
                    + " holds tensors that the architecture of config.json has no place for: " + unknown
                    + "; the model is of another family or was changed (adapters must be merged first)");
        }
    }

    private static String withoutPrefix(String name, String prefix) {
        return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    }

    /** Parameters of a graph by vertex and name. */
    static ModelFamily.Source parametersOf(ComputationGraph graph) {
        return (vertex, name) -> graph.getLayer(vertex).getParam(name);
    }
}
