package io.github.psft4j.model;

import io.github.psft4j.hf.config.ConfigFile;
import io.github.psft4j.hf.config.ModelFamily;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.safetensors.ModelWeights;
import io.github.psft4j.io.MachineMemory;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.TrainedPart;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A whole model whose matrices are in bfloat16 and no parameters of its graph, for generation and scoring. The final
 * norm alone is one: a graph needs some.
 */
record FrozenModel(DecoderConfig config, ConfigFile file, ModelFamily family, ComputationGraph graph, DType storedType)
        implements ModelBody {

    /** The model of a directory in a network of type FLOAT. */
    static FrozenModel read(Path dir) {
        ModelDirectory directory = ModelDirectory.read(dir);
        try (ModelWeights stored = ModelWeights.open(dir)) {
            directory = directory.correctedBy(stored);
            DecoderConfig config = directory.config();
            StoredWeights.requireProportion(dir, config, stored);
            MachineMemory.require(config.parameters(), DataType.BFLOAT16, "the weights of " + dir);
            BaseWeights weights = new BaseWeights(config, DataType.FLOAT, DataType.BFLOAT16);
            StoredWeights.read(stored, directory.family(), config, weights::get);
            ComputationGraph graph =
                    DecoderGraph.create(WholeModel.configuration(config, FrozenModel::trained, DataType.FLOAT, 0));
            weights.giveTo(graph);
            return new FrozenModel(config, directory.file(), directory.family(), graph, stored.type());
        }
    }

    private static TrainedPart trained(String vertex) {
        return vertex.equals(DecoderGraph.NORM) ? null : TrainedPart.NOTHING;
    }

    static IllegalStateException refused(String what) {
        return new IllegalStateException(
                "a model that was loaded for generation in bf16 cannot be " + what + "; load it with CausalLm.load");
    }

    @Override
    public Map<String, INDArray> tensors(ModelFamily.Source source) {
        throw refused("trained or saved");
    }

    @Override
    public void restore(Path dir) {
        throw refused("restored");
    }

    @Override
    public void write(Path dir, Map<String, INDArray> tensors, DType dtype, long maxShardBytes) {
        throw refused("saved");
    }
}
