package io.github.psft4j.model;

import io.github.psft4j.hf.safetensors.TensorMemory;
import io.github.psft4j.io.Sha256;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.transformer.DecoderGraph;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * SHA-256 over architecture, precision and weights: two models have the same if they compute the same, whatever files
 * they came from.
 */
public final class ModelFingerprint {

    private ModelFingerprint() {}

    /** 64 hexadecimal digits; every bit of every weight counts, with an adapter those of the base as well. */
    public static String of(CausalLm model) {
        Sha256 sha = start(model);
        if (model.body() instanceof FrozenModel) {
            weights(model, true).forEach(weight -> add(sha, weight));
            return sha.hex();
        }
        LoraModels.settings(model).ifPresent(lora -> {
            sha.add(lora.toString());
            weights(model, false).forEach(weight -> add(sha, weight));
        });
        add(sha, model.graph().params());
        return sha.hex();
    }

    /**
     * The same of what a model with an adapter does not train: of its base, if it holds that. A separate model of these
     * weights has the same fingerprint.
     */
    public static String ofBase(CausalLm model) {
        Sha256 sha = start(model);
        weights(model, false).forEach(weight -> add(sha, weight));
        return sha.hex();
    }

    /** Frozen weights, or all, in the order in which a whole model has them as parameters. */
    private static List<INDArray> weights(CausalLm model, boolean all) {
        List<INDArray> out = new ArrayList<>();
        for (String vertex : DecoderGraph.vertices(model.config())) {
            Map<String, INDArray> weights = DecoderGraph.weights(model.graph(), vertex);
            Map<String, INDArray> trained = model.graph().getLayer(vertex).paramTable();
            for (String name : DecoderGraph.weightShapes(model.config(), vertex).keySet()) {
                if (all || trained == null || !trained.containsKey(name)) {
                    out.add(weights.get(name));
                }
            }
        }
        return out;
    }

    private static Sha256 start(CausalLm model) {
        Sha256 sha = new Sha256().add(model.config().toString());
        if (model.precision() != Precision.F32) { // fingerprints from before this rule stay valid
            sha.add(model.precision().name());
        }
        return sha;
    }

    /** Adds the values as doubles, which keeps all floats distinct. */
    private static void add(Sha256 sha, INDArray weights) {
        TensorMemory memory = TensorMemory.of(weights);
        double[] values = new double[TensorMemory.CHUNK];
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * TensorMemory.CHUNK);
        for (long start = 0; start < weights.length(); start += values.length) {
            int n = (int) Math.min(values.length, weights.length() - start);
            memory.get(start, values, n);
            bytes.asDoubleBuffer().put(values, 0, n);
            sha.add(bytes.array(), n * Double.BYTES);
        }
    }
}
