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
 * A causal language model: a decoder graph, its configuration and its tokenizer, loaded from and saved to a Hugging
 * Face directory.
 *
 * <p>Not thread-safe, like the graph inside.
 */
public final class CausalLm {

    private static final String WEIGHTS = "model.safetensors";

    private final DecoderConfig config;
    private final LlamaConfigFile configFile;
    private final ComputationGraph graph;
    private final Tokenizer tokenizer;

    private CausalLm(DecoderConfig config, LlamaConfigFile configFile, ComputationGraph graph, Tokenizer tokenizer) {
        this.config = config;
        this.configFile = configFile;
        this.graph = graph;
        this.tokenizer = tokenizer;
    }

    /**
     * Loads {@code config.json}, {@code model.safetensors} and, if it is there, {@code tokenizer.json} of a directory,
     * in FLOAT.
     *
     * @throws ModelFormatException naming file, field and value, if the directory is not a Llama model that this
     *     version reads
     */
    public static CausalLm load(Path dir) {
        return load(dir, DataType.FLOAT);
    }

    /** Like {@link #load(Path)} with parameters of the given type, FLOAT or DOUBLE. */
    public static CausalLm load(Path dir, DataType type) {
        LlamaConfigFile file = LlamaConfigFile.read(dir);
        DecoderConfig config = file.toDecoderConfig();
        ComputationGraph graph = new ComputationGraph(configuration(config, type, 0));
        graph.init(Nd4j.create(type, 1, config.parameters()), false); // given parameters are not initialised at random
        DecoderGraph.link(graph);
        Map<String, INDArray> views = LlamaTensors.views(
                config, (vertex, name) -> graph.getLayer(vertex).getParam(name));
        Path weights = dir.resolve(WEIGHTS);
        try (SafetensorsReader reader = SafetensorsReader.open(weights)) {
            refuseUnknownTensors(weights, reader, views, config);
            views.forEach(reader::readInto);
        }
        Tokenizer tokenizer = Files.exists(dir.resolve("tokenizer.json")) ? Tokenizer.load(dir) : null;
        return new CausalLm(config, file, graph, tokenizer);
    }

    private static void refuseUnknownTensors(
            Path weights, SafetensorsReader reader, Map<String, INDArray> views, DecoderConfig config) {
        TreeSet<String> unknown = new TreeSet<>(reader.names());
        unknown.removeAll(views.keySet());
        unknown.removeIf(name -> LlamaTensors.isRedundant(name, config));
        if (!unknown.isEmpty()) {
            throw new ModelFormatException(
                    weights + " holds tensors that the architecture of config.json has no place for: " + unknown
                            + "; the model is of another family or was changed (adapters must be merged first)");
        }
    }

    /**
     * A fresh model with random weights.
     *
     * @param tokenizer may be null for a model that only sees token ids
     */
    public static CausalLm create(DecoderConfig config, Tokenizer tokenizer, long seed) {
        ComputationGraph graph = DecoderGraph.create(configuration(config, DataType.FLOAT, seed));
        return new CausalLm(config, LlamaConfigFile.of(config), graph, tokenizer);
    }

    private static ComputationGraphConfiguration configuration(DecoderConfig config, DataType type, long seed) {
        // The trainer steps the flat parameters itself, so the graph carries no optimizer state of its own.
        return DecoderGraph.configuration(config, new TokenLoss(new SftObjective()), new NoOp(), type, seed);
    }

    /**
     * Writes a Hugging Face directory with weights in F32: {@code config.json}, {@code model.safetensors} and the
     * tokenizer's files. transformers opens it as {@code LlamaForCausalLM}.
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
        return LlamaTensors.views(
                config, (vertex, name) -> graph.getLayer(vertex).getParam(name));
    }

    /**
     * Any vector laid out like the flat parameters (gradients, optimizer moments) as tensors with their Hugging Face
     * names: views.
     *
     * @param flat as many elements as the model has parameters
     */
    public Map<String, INDArray> tensors(INDArray flat) {
        if (flat.length() != config.parameters()) {
            throw new IllegalArgumentException(
                    "the model has " + config.parameters() + " parameters, the vector " + flat.length());
        }
        Map<String, INDArray> byLayer = FlatLayout.cut(graph, flat.reshape(flat.length()));
        return LlamaTensors.views(config, (vertex, name) -> byLayer.get(vertex + "_" + name));
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
