package io.github.psft4j.model;

import io.github.psft4j.hf.config.ConfigFile;
import io.github.psft4j.hf.config.ModelFamily;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.safetensors.ModelExport;
import io.github.psft4j.hf.safetensors.ModelWeights;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.MachineMemory;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.LmHead;
import io.github.psft4j.transformer.TrainedPart;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** A model all of whose weights are parameters of its graph. */
record WholeModel(DecoderConfig config, ConfigFile file, ModelFamily family, ComputationGraph graph, DType storedType)
        implements ModelBody {

    /** The model of a directory. */
    static WholeModel read(Path dir, DataType type) {
        ModelDirectory directory = ModelDirectory.read(dir);
        try (ModelWeights weights = ModelWeights.open(dir)) {
            directory = directory.correctedBy(weights);
            DecoderConfig config = directory.config();
            StoredWeights.requireProportion(dir, config, weights);
            MachineMemory.require(config.parameters(), type, "the weights of " + dir);
            ComputationGraph graph = new ComputationGraph(configuration(config, vertex -> null, type, 0));
            try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) { // they outlive the caller's
                // Given ones are not initialised at random; every tensor is read into its place, or refused.
                graph.init(WeightMemory.unfilled(type, 1, config.parameters()), false);
            }
            DecoderGraph.link(graph);
            StoredWeights.read(weights, directory.family(), config, StoredWeights.parametersOf(graph));
            return new WholeModel(config, directory.file(), directory.family(), graph, weights.type());
        }
    }

    /** A model with random weights. */
    static WholeModel create(DecoderConfig config, long seed) {
        ConfigFile file = ModelFamily.fileFor(config);
        MachineMemory.require(config.parameters(), DataType.FLOAT, "the weights of a new model");
        ComputationGraph graph = DecoderGraph.create(configuration(config, vertex -> null, DataType.FLOAT, seed));
        return new WholeModel(config, file, ModelFamily.of(file), graph, DType.F32);
    }

    /** @param trained by vertex; null for all its weights */
    static ComputationGraphConfiguration configuration(
            DecoderConfig config, Function<String, TrainedPart> trained, DataType type, long seed) {
        // The trainer steps the flat parameters itself, so the graph carries no optimizer state of its own.
        return DecoderGraph.configuration(config, trained, new TokenLoss(new SftObjective()), new NoOp(), type, seed);
    }

    /**
     * The same weights under a head that computes a value as well, or a value alone, which starts at zero.
     *
     * @param output LOGITS_AND_VALUE or VALUE
     */
    WholeModel withValue(LmHead.Output output) {
        DecoderConfig shape = output.logits() ? config : config.untied(); // without logits nothing is tied
        DataType type = graph.params().dataType();
        MachineMemory.require(config.parameters(), type, "the weights of a critic");
        ComputationGraph critic = DecoderGraph.create(
                DecoderGraph.configuration(shape, output, new TokenLoss(new SftObjective()), new NoOp(), type));
        WholeModel copy = new WholeModel(shape, file, family, critic, storedType);
        Map<String, INDArray> mine = tensors(StoredWeights.parametersOf(graph));
        copy.tensors(StoredWeights.parametersOf(critic)).forEach((name, view) -> {
            if (mine.containsKey(name)) {
                view.assign(mine.get(name));
            }
        });
        return copy;
    }

    @Override
    public Map<String, INDArray> tensors(ModelFamily.Source source) {
        Map<String, INDArray> all = new LinkedHashMap<>(family.tensors(config, source));
        LmHead.Output output = DecoderGraph.output(graph);
        if (!output.logits()) {
            all.remove(ModelFamily.HEAD);
        }
        if (output.value()) {
            all.put(ValueHeads.WEIGHT, source.get(DecoderGraph.HEAD, LmHead.VALUE));
            all.put(ValueHeads.BIAS, source.get(DecoderGraph.HEAD, LmHead.VALUE_BIAS));
        }
        return all;
    }

    @Override
    public void restore(Path dir) {
        try (ModelWeights weights = ModelWeights.open(dir)) {
            StoredWeights.read(weights, family, config, StoredWeights.parametersOf(graph));
        }
    }

    @Override
    public void write(Path dir, Map<String, INDArray> tensors, DType dtype, long maxShardBytes) {
        Map<String, INDArray> stored = new LinkedHashMap<>(tensors);
        stored.keySet().removeAll(ValueHeads.NAMES); // which no reader of this architecture knows
        ModelExport.write(dir, stored, dtype, maxShardBytes);
        // A trunk without logits is written as a model that needs no head of its own.
        boolean logits = DecoderGraph.output(graph).logits();
        ConfigFile described = logits ? file : file.with("tie_word_embeddings", true);
        AtomicFile.write(dir.resolve("config.json"), described.toJson(dtype).getBytes(StandardCharsets.UTF_8));
    }
}
