package io.github.psft4j.hub;

import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.transformer.DecoderConfig;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.Generation;
import io.github.psft4j.transformer.GenerationConfig;
import io.github.psft4j.transformer.Generator;
import io.github.psft4j.transformer.LmHead;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * A causal language model: a decoder graph, its configuration and its tokenizer, loaded from and saved to a Hugging Face directory.
 *
 * <p>Not thread-safe, like the graph inside.
 */
public final class CausalLm {

    private static final String WEIGHTS = "model.safetensors";

    private final DecoderConfig config;
    private final ConfigFile configFile;
    private final ModelFamily family;
    private final ComputationGraph graph;
    private final Tokenizer tokenizer;

    private CausalLm(DecoderConfig config, ConfigFile configFile, ComputationGraph graph, Tokenizer tokenizer) {
        this.family = ModelFamily.of(configFile);
        this.config = config;
        this.configFile = configFile;
        this.graph = graph;
        this.tokenizer = tokenizer;
    }

    /**
     * Loads {@code config.json}, {@code model.safetensors} and, if it is there, {@code tokenizer.json} of a directory, in FLOAT.
     *
     * @throws ModelFormatException naming file, field and value, if the directory is not a model that this version reads
     */
    public static CausalLm load(Path dir) {
        return load(dir, DataType.FLOAT);
    }

    /** Like {@link #load(Path)} with parameters of the given type, FLOAT or DOUBLE. */
    public static CausalLm load(Path dir, DataType type) {
        ConfigFile file = ConfigFile.read(dir);
        ModelFamily family = ModelFamily.of(file);
        DecoderConfig config = family.read(file);
        ComputationGraph graph = new ComputationGraph(configuration(config, type, 0));
        graph.init(Nd4j.create(type, 1, config.parameters()), false); // given parameters are not initialised at random
        DecoderGraph.link(graph);
        read(dir.resolve(WEIGHTS), family, config, graph);
        Tokenizer tokenizer = Files.exists(dir.resolve("tokenizer.json")) ? Tokenizer.load(dir) : null;
        return new CausalLm(config, file, graph, tokenizer);
    }

    private static void read(Path weights, ModelFamily family, DecoderConfig config, ComputationGraph graph) {
        try (SafetensorsReader reader = SafetensorsReader.open(weights)) {
            TreeSet<String> unknown = new TreeSet<>(reader.names());
            family.tensors(config, parametersOf(graph)).forEach((name, view) -> {
                String bare = withoutPrefix(name, family.basePrefix());
                String stored = !unknown.contains(name) && unknown.contains(bare) ? bare : name;
                unknown.remove(stored);
                reader.readInto(stored, view);
            });
            unknown.removeIf(name -> family.isRedundant(name, config));
            if (!unknown.isEmpty()) {
                throw new ModelFormatException(
                        weights + " holds tensors that the architecture of config.json has no place for: " + unknown
                                + "; the model is of another family or was changed (adapters must be merged first)");
            }
        }
    }

    private static String withoutPrefix(String name, String prefix) {
        return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    }

    private static ModelFamily.Source parametersOf(ComputationGraph graph) {
        return (vertex, name) -> graph.getLayer(vertex).getParam(name);
    }

    /**
     * A fresh model with random weights.
     *
     * @param tokenizer may be null for a model that only sees token ids
     * @throws IllegalArgumentException if no architecture of transformers has this combination of options
     */
    public static CausalLm create(DecoderConfig config, Tokenizer tokenizer, long seed) {
        ConfigFile file = ModelFamily.fileFor(config);
        ComputationGraph graph = DecoderGraph.create(configuration(config, DataType.FLOAT, seed));
        return new CausalLm(config, file, graph, tokenizer);
    }

    private static ComputationGraphConfiguration configuration(DecoderConfig config, DataType type, long seed) {
        // The trainer steps the flat parameters itself, so the graph carries no optimizer state of its own.
        return DecoderGraph.configuration(config, new TokenLoss(new SftObjective()), new NoOp(), type, seed);
    }

    /**
     * Writes a Hugging Face directory with weights in F32: {@code config.json}, {@code model.safetensors} and the tokenizer's files.
     * transformers opens it as the architecture that it was loaded from.
     */
    public void save(Path dir) {
        try {
            Files.createDirectories(dir);
            SafetensorsWriter.write(dir.resolve(WEIGHTS), tensors(), DType.F32, Map.of("format", "pt"));
            AtomicFile.write(dir.resolve("config.json"), configFile.toJson().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot save the model to " + dir, e);
        }
        if (tokenizer != null) {
            tokenizer.save(dir);
        }
    }

    /** Parameters by their Hugging Face names: views, so that writing to one changes the model. */
    public Map<String, INDArray> tensors() {
        return family.tensors(config, parametersOf(graph));
    }

    /**
     * Any vector laid out like the flat parameters (gradients, optimizer moments) as tensors with their Hugging Face names: views.
     *
     * @param flat as many elements as the model has parameters
     */
    public Map<String, INDArray> tensors(INDArray flat) {
        if (flat.length() != config.parameters()) {
            throw new IllegalArgumentException(
                    "the model has " + config.parameters() + " parameters, the vector " + flat.length());
        }
        Map<String, INDArray> byLayer = FlatLayout.cut(graph, flat.reshape(flat.length()));
        return family.tensors(config, (vertex, name) -> byLayer.get(vertex + "_" + name));
    }

    /** The network; train it directly or through a trainer. */
    public ComputationGraph graph() {
        return graph;
    }

    /** The architecture. */
    public DecoderConfig config() {
        return config;
    }

    /** The tokenizer, null if the model has none. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** The loss that the head computes now. */
    public TokenLoss loss() {
        return (TokenLoss) head().getLossFn();
    }

    /** Makes the head compute another loss from now on. */
    public void setLoss(TokenLoss loss) {
        head().setLossFn(loss);
    }

    private LmHead head() {
        return (LmHead) graph.getLayer(DecoderGraph.HEAD).conf().getLayer();
    }

    /** Continues prompts of token ids; see {@link Generator#generate}. */
    public List<Generation> generate(List<int[]> prompts, GenerationConfig settings) {
        return new Generator(graph, config).generate(prompts, settings);
    }

    /** Continues a text and returns prompt and continuation as text. */
    public String generate(String prompt, GenerationConfig settings) {
        if (tokenizer == null) {
            throw new IllegalStateException("the model has no tokenizer.json; generate from token ids instead");
        }
        Generation generation =
                generate(List.of(tokenizer.encode(prompt)), settings).get(0);
        return tokenizer.decode(generation.tokens(), true);
    }
}
