package io.github.psft4j.model;

import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.safetensors.ModelWeights;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.LmHead;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationListener;
import io.github.psft4j.transformer.generation.GenerationResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A causal language model: a decoder graph, its configuration and its tokenizer, loaded from and saved to a Hugging
 * Face directory.
 *
 * <p>Not thread-safe, like the graph inside: training, scoring and generation share its arrays, so one thread uses it
 * at a time. A listener may use it between two steps. A second thread needs a model of its own.
 */
public final class CausalLm {

    /** Largest weight file that {@link #save(Path)} writes before it cuts the model into shards. */
    private static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

    private final ModelBody body;
    private final DecoderConfig config;
    private final ComputationGraph graph;
    private final Tokenizer tokenizer;
    private final TextGeneration generation;
    private final List<Path> directories; // an adapter's before its base's; none for a model that was made in memory

    /** @param directories the first that has a chat template counts; none for a model that was made in memory */
    CausalLm(ModelBody body, Tokenizer tokenizer, Path... directories) {
        this.body = body;
        this.config = body.config();
        this.graph = body.graph();
        this.tokenizer = tokenizer;
        this.directories = List.of(directories);
        this.generation = new TextGeneration(graph, config, tokenizer, this.directories);
    }

    /**
     * Loads {@code config.json}, {@code model.safetensors} (or its shards) and, if it is there, {@code tokenizer.json}
     * of a directory, in FLOAT.
     *
     * @throws ModelFormatException naming file, field and value, if the directory is not a model that this version
     *     reads
     */
    public static CausalLm load(Path dir) {
        return load(dir, DataType.FLOAT);
    }

    /**
     * Like {@link #load(Path)} with parameters of the given type, FLOAT or DOUBLE. The directory of an adapter is
     * loaded with its base; see {@link LoraModels}.
     */
    public static CausalLm load(Path dir, DataType type) {
        if (AdaptedModel.isAdapter(dir)) {
            return LoraModels.load(dir, null, type);
        }
        try (LoadingTokenizer tokenizer = new LoadingTokenizer(() -> tokenizerOf(dir))) { // beside the weights
            return new CausalLm(WholeModel.read(dir, type), tokenizer.take(), dir);
        }
    }

    static Tokenizer tokenizerOf(Path dir) {
        return Files.exists(dir.resolve("tokenizer.json")) ? Tokenizer.load(dir) : null;
    }

    /**
     * The architecture of a model directory, for an adapter that of its base. Of the weights, if they are there, only
     * the head is looked at: it may be one of its own although config.json ties it.
     *
     * @throws ModelFormatException naming file, field and value, if config.json is not one that this version reads
     */
    public static DecoderConfig readConfig(Path dir) {
        if (AdaptedModel.isAdapter(dir)) {
            return readConfig(LoraModels.baseOf(dir));
        }
        ModelDirectory directory = ModelDirectory.read(dir);
        if (!directory.config().tiedEmbeddings() || !ModelWeights.exist(dir)) {
            return directory.config();
        }
        try (ModelWeights weights = ModelWeights.open(dir)) {
            return directory.correctedBy(weights).config();
        }
    }

    /**
     * Like {@link #readConfig}; also checks that there are weights whose headers are sound and whose size fits.
     *
     * @throws ModelFormatException naming file and reason, if not
     */
    public static DecoderConfig check(Path dir) {
        if (AdaptedModel.isAdapter(dir)) {
            return LoraModels.check(dir, LoraModels.baseOf(dir));
        }
        ModelDirectory directory = ModelDirectory.read(dir);
        try (ModelWeights weights = ModelWeights.open(dir)) {
            DecoderConfig config = directory.correctedBy(weights).config();
            StoredWeights.requireProportion(dir, config, weights);
            return config;
        }
    }

    /**
     * Replaces what is trained by the weights of a directory of the same architecture, such as a checkpoint of this
     * model.
     *
     * @throws ModelFormatException naming file and tensor, if they do not fit; the weights are then partly replaced
     */
    public void restore(Path dir) {
        body.restore(dir);
    }

    /**
     * A fresh model with random weights.
     *
     * @param tokenizer may be null for a model that only sees token ids
     * @throws IllegalArgumentException if no architecture of transformers has this combination of options
     */
    public static CausalLm create(DecoderConfig config, Tokenizer tokenizer, long seed) {
        return new CausalLm(WholeModel.create(config, seed), tokenizer);
    }

    /**
     * Writes a Hugging Face directory: {@code config.json}, {@code model.safetensors} (shards above 5 GB) and the
     * tokenizer's files. Python's transformers opens it as the architecture that it was loaded from.
     *
     * <p>The weights get the type that they were read in, {@link #storedType()}, as with transformers. In F16 or BF16
     * this rounds what was trained. Use {@link #save(Path, DType)} with F32 to keep every bit.
     */
    public void save(Path dir) {
        save(dir, storedType());
    }

    /** Like {@link #save(Path)} with weights of type F32, F16 or BF16. */
    public void save(Path dir, DType dtype) {
        save(dir, dtype, DEFAULT_SHARD_BYTES);
    }

    /** The type of the weights in the files that were read: F32, F16 or BF16; F32 for F64 and for a fresh model. */
    public DType storedType() {
        return body.storedType() == DType.F64 ? DType.F32 : body.storedType();
    }

    /**
     * Like {@link #save(Path)} in another precision or with smaller shards.
     *
     * @param dtype F32, F16 or BF16; weights are rounded to the nearest, ties to even
     * @param maxShardBytes largest weight file; a single larger tensor gets a file of its own
     * @throws IllegalArgumentException for another type or a size that is not positive
     */
    public void save(Path dir, DType dtype, long maxShardBytes) {
        if (dtype != DType.F32 && dtype != DType.F16 && dtype != DType.BF16) {
            throw new IllegalArgumentException("a model is saved as F32, F16 or BF16, not as " + dtype);
        }
        if (maxShardBytes < 1) {
            throw new IllegalArgumentException("maxShardBytes must be positive, was " + maxShardBytes);
        }
        write(dir, tensors(), dtype, maxShardBytes);
    }

    /**
     * Writes the directory of {@link #save(Path)} with other weights of this architecture in full precision, such as a
     * copy that was taken while training goes on.
     *
     * @param weights tensors by their Hugging Face names, as {@link #tensors(INDArray)} gives them
     */
    public void save(Path dir, Map<String, INDArray> weights) {
        boolean isDouble = graph.params().dataType() == DataType.DOUBLE;
        write(dir, weights, isDouble ? DType.F64 : DType.F32, DEFAULT_SHARD_BYTES);
    }

    private void write(Path dir, Map<String, INDArray> weights, DType dtype, long maxShardBytes) {
        FileCall.run("cannot create the model directory " + dir, () -> Files.createDirectories(dir));
        body.write(dir, weights, dtype, maxShardBytes);
        if (tokenizer != null) {
            tokenizer.save(dir);
        }
    }

    /** Parameters by their Hugging Face names: views, so that writing to one changes the model. */
    public Map<String, INDArray> tensors() {
        return body.tensors(StoredWeights.parametersOf(graph));
    }

    ModelBody body() {
        return body;
    }

    Path[] directories() {
        return directories.toArray(Path[]::new);
    }

    /**
     * Any vector laid out like the flat parameters (gradients, optimizer moments) as tensors with their Hugging Face
     * names: views.
     *
     * @param flat as many elements as the model has parameters
     */
    public Map<String, INDArray> tensors(INDArray flat) {
        if (flat.length() != graph.numParams()) {
            throw new IllegalArgumentException(
                    "the model trains " + graph.numParams() + " parameters, the vector has " + flat.length());
        }
        Map<String, INDArray> byLayer = FlatLayout.cut(graph, flat.reshape(flat.length()));
        return body.tensors((vertex, name) -> byLayer.get(vertex + "_" + name));
    }

    /** The ranges of the flat vector of all parameters, without gaps and in its order. */
    public List<ParameterRange> parameterRanges() {
        return FlatLayout.ranges(graph);
    }

    /**
     * The network. A trainer steps its parameters itself, so its updater is {@code NoOp}. With that, {@code net.fit} is
     * plain SGD of learning rate 1. To use {@code net.fit}, make a graph of your own with
     * {@code DecoderGraph.configuration(config(), loss, updater, type, seed)} and give it these parameters.
     */
    public ComputationGraph graph() {
        return graph;
    }

    /** Number of trained parameters: all, or those of the adapter. */
    public long trainedParameters() {
        return graph.numParams();
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

    /**
     * Makes the linear layers compute in the given precision from now on, in training, scoring and generation; F32
     * after loading. The weights and the files that they are saved to stay as they are.
     *
     * @throws IllegalArgumentException with the reason, if BF16 is not possible on this machine or would not be faster
     */
    public void setPrecision(Precision precision) {
        DecoderGraph.setPrecision(graph, precision);
    }

    /** The precision of the linear layers. */
    public Precision precision() {
        return DecoderGraph.ops(graph).products().precision();
    }

    /** Continues prompts of token ids; without stop ids in the settings an end of sequence ends nothing. */
    public List<GenerationResult> generate(List<int[]> prompts, GenerationConfig settings) {
        return generation.continued(prompts, settings, null);
    }

    /** Continues prompts of token ids and shows every new token to a listener as it comes. */
    public List<GenerationResult> generate(
            List<int[]> prompts, GenerationConfig settings, GenerationListener listener) {
        return generation.continued(prompts, settings, listener);
    }

    /**
     * Draws several samples of every prompt of token ids; see
     * {@link io.github.psft4j.transformer.generation.Generator#sample}.
     */
    public List<GenerationResult> sample(List<int[]> prompts, List<long[]> seeds, GenerationConfig settings) {
        return generation.sampled(prompts, seeds, settings);
    }

    /**
     * Continues a raw text, without the chat template, and returns both as text, without special tokens.
     *
     * @param settings without stop ids the text ends at any end-of-sequence id of the model
     * @throws IllegalStateException without a tokenizer
     */
    public String generate(String prompt, GenerationConfig settings) {
        return generation.continued(prompt, settings);
    }

    /**
     * Answers a conversation: chat template, generation up to the end of the answer, text.
     *
     * @param messages maps with {@code role} and {@code content}, such as {@code List.of(Map.of("role", "user",
     *     "content", "Hello"))}; the last one is what is answered. See {@link io.github.psft4j.hf.text.ChatTemplate}
     * @param settings without stop ids the answer ends at any end-of-sequence id of the model
     * @return the answer, without special tokens
     * @throws IllegalStateException if the model has no tokenizer, or was made in memory
     * @throws ModelFormatException if its directory has no chat template
     * @throws IllegalArgumentException if the conversation is too long for the model
     * @throws io.github.psft4j.hf.text.ChatTemplateException if the template refuses the conversation
     */
    public String chat(List<? extends Map<String, ?>> messages, GenerationConfig settings) {
        return generation.chat(messages, settings, null).text();
    }

    /**
     * Like {@link #chat(List, GenerationConfig)}, and shows every part of the answer as it comes.
     *
     * @param listener gets each new token with the text that became certain; false ends the answer
     * @return the answer with its token ids, log-probs and why it ended
     */
    public GenerationResult chat(
            List<? extends Map<String, ?>> messages, GenerationConfig settings, GenerationListener listener) {
        return generation.chat(messages, settings, listener);
    }

    /**
     * All ids that end a text of this model, where {@code generation_config.json} or {@code config.json} names them.
     */
    public Set<Integer> endOfSequenceIds() {
        return generation.endOfSequence();
    }
}
