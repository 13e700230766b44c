package io.github.psft4j.model;

import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.hf.config.ConfigFile;
import io.github.psft4j.hf.config.ModelFamily;
import io.github.psft4j.hf.peft.AdapterConfig;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.hf.peft.UnusedNames;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.safetensors.ModelWeights;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.hf.safetensors.SafetensorsWriter;
import io.github.psft4j.io.MachineMemory;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A base model with an adapter beside its frozen weights, and the adapter's two files. */
record AdaptedModel(
        DecoderConfig config,
        ConfigFile file,
        ModelFamily family,
        ComputationGraph graph,
        Adapter adapter,
        DType storedType)
        implements ModelBody {

    static final String WEIGHTS = "adapter_model.safetensors";

    private static final Logger LOG = LoggerFactory.getLogger(AdaptedModel.class);

    /** A fresh adapter: A uniform in +-1/sqrt(in), B zero, as PEFT starts it. */
    static AdaptedModel fresh(Path base, LoraConfig lora, DataType type, FrozenType frozen, long seed) {
        AdaptedModel model = load(base, type, frozen, seed, opened -> {
            Adapter.checkNames(lora, opened.family, opened.config);
            return AdapterConfig.of(
                    Adapter.resolved(lora, opened.family, opened.config),
                    absolute(base),
                    opened.family.storesTransposed());
        });
        UnusedNames.checkSaved(lora, model.adapter().savedModules());
        return model;
    }

    /**
     * The adapter of a directory.
     *
     * @param base directory of the base model; null for the path in the file
     */
    static AdaptedModel read(Path dir, Path base, DataType type, FrozenType frozen) {
        AdapterConfig read = AdapterConfig.read(dir);
        AdapterConfig config = base == null ? read : read.withBase(absolute(base));
        AdaptedModel model = load(base == null ? baseOf(dir, read) : base, type, frozen, 0, opened -> config);
        model.restore(dir);
        return model;
    }

    private static String absolute(Path base) {
        return base.toAbsolutePath().normalize().toString();
    }

    /** Checks both directories without reading weights. */
    static DecoderConfig check(Path dir, Path base) {
        AdapterConfig.read(dir);
        DecoderConfig config = CausalLm.check(base);
        Path weights = dir.resolve(WEIGHTS);
        if (!Files.exists(weights)) {
            throw ModelFormatException.of(weights, "no such file; an adapter has its weights there");
        }
        SafetensorsReader.open(weights).close();
        return config;
    }

    /** Whether a directory holds an adapter and no whole model. */
    static boolean isAdapter(Path dir) {
        return Files.exists(dir.resolve(AdapterConfig.FILE)) && !ModelWeights.exist(dir);
    }

    /** The base by the path in the file: absolute, or relative to the adapter or the directory above it. */
    static Path baseOf(Path dir, AdapterConfig config) {
        Path named = Path.of(config.base());
        for (Path candidate :
                new Path[] {named, dir.resolve(named), dir.toAbsolutePath().resolveSibling(named)}) {
            if (!config.base().isEmpty() && Files.exists(candidate.resolve("config.json"))) {
                return candidate;
            }
        }
        throw new ModelFormatException(dir.resolve(AdapterConfig.FILE) + ": base_model_name_or_path = '" + config.base()
                + "' is no model directory here; nothing is downloaded: give the directory of the base model"
                + " (model.base in a configuration, --base on the command line)");
    }

    private record Opened(ModelFamily family, DecoderConfig config) {}

    private static AdaptedModel load(
            Path base, DataType type, FrozenType frozen, long seed, Function<Opened, AdapterConfig> adapterOf) {
        ModelDirectory directory = ModelDirectory.read(base);
        ModelFamily family = directory.family();
        BaseWeights weights;
        DecoderConfig config;
        DType storedType;
        try (ModelWeights stored = ModelWeights.open(base)) {
            directory = directory.correctedBy(stored);
            config = directory.config();
            storedType = stored.type();
            StoredWeights.requireProportion(base, config, stored);
            DataType matrices = matrices(stored, frozen, type);
            if (matrices != frozen.of(stored, type)) {
                LOG.info(
                        "{}: the kernels in use take no weights in bf16; frozen weights are kept in {}",
                        base,
                        matrices);
            }
            MachineMemory.require(config.parameters(), matrices, "the weights of " + base);
            weights = new BaseWeights(config, type, matrices);
            StoredWeights.read(stored, family, config, weights::get);
        }
        Adapter adapter = Adapter.of(adapterOf.apply(new Opened(family, config)), family, config, weights::get);
        ConfigFile file = directory.file();
        if (config.tiedEmbeddings() && adapter.unties()) {
            config = config.untied();
            file = file.with("tie_word_embeddings", false);
            weights.untie();
        }
        ComputationGraph graph = new ComputationGraph(WholeModel.configuration(config, adapter::trained, type, seed));
        try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) { // they outlive the caller's
            graph.init();
        }
        DecoderGraph.link(graph);
        weights.giveTo(graph);
        adapter.startBiases(weights::get, StoredWeights.parametersOf(graph));
        return new AdaptedModel(config, file, family, graph, adapter, storedType);
    }

    /** The type of the frozen matrices; that of the network where the kernels take no other. */
    static DataType matrices(ModelWeights stored, FrozenType frozen, DataType type) {
        DataType wanted = frozen.of(stored, type);
        if (wanted == type || TensorOpsFactory.forType(type).products().takesBf16Weights()) {
            return wanted;
        }
        String reason = "the kernels in use, " + TensorOpsFactory.forType(type).name() + ", take no weights in bf16";
        if (frozen == FrozenType.BF16) {
            throw new IllegalArgumentException("frozen weights in bf16 are refused: " + reason + "; use f32");
        }
        LOG.debug("{}: frozen weights are kept in {}: {}", stored.source(), type, reason);
        return type;
    }

    @Override
    public void restore(Path dir) {
        try (SafetensorsReader reader = SafetensorsReader.open(dir.resolve(WEIGHTS))) {
            TreeSet<String> unknown = new TreeSet<>(reader.names());
            adapter.tensors(StoredWeights.parametersOf(graph)).forEach((name, view) -> {
                if (!unknown.remove(name)) {
                    throw ModelFormatException.of(
                            dir.resolve(WEIGHTS),
                            "no tensor '" + name + "', which " + AdapterConfig.FILE
                                    + " asks for; are both files of the same adapter, and is the base the right one?");
                }
                reader.readInto(name, view);
            });
            unknown.removeIf(name -> name.endsWith(".base_layer.weight"));
            if (!unknown.isEmpty()) {
                throw ModelFormatException.of(
                        dir.resolve(WEIGHTS),
                        "holds tensors that " + AdapterConfig.FILE + " has no place for: " + unknown
                                + "; is the base the right one?");
            }
        }
    }

    @Override
    public Map<String, INDArray> tensors(ModelFamily.Source source) {
        return adapter.tensors(source);
    }

    /** Writes both files of the adapter, in F32 as PEFT does beside any base, or in F64 where that is asked for. */
    @Override
    public void write(Path dir, Map<String, INDArray> tensors, DType dtype, long maxShardBytes) {
        adapter.file().write(dir);
        SafetensorsWriter.write(
                dir.resolve(WEIGHTS), tensors, dtype == DType.F64 ? dtype : DType.F32, Map.of("format", "pt"));
    }

    /** The base with the adapter added to its weights, {@code W + scaling B A} in the precision of the arrays. */
    WholeModel merged() {
        DataType type = graph.params().dataType();
        ComputationGraph whole = DecoderGraph.create(WholeModel.configuration(config, vertex -> null, type, 0));
        ModelFamily.Source target = StoredWeights.parametersOf(whole);
        for (String vertex : DecoderGraph.vertices(config)) {
            DecoderGraph.weightShapes(config, vertex)
                    .keySet()
                    .forEach(name -> target.get(vertex, name)
                            .assign(DecoderGraph.weights(graph, vertex).get(name)));
        }
        adapter.addTo(target, StoredWeights.parametersOf(graph));
        return new WholeModel(config, file, family, whole, storedType);
    }
}
