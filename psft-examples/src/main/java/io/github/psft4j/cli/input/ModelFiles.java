package io.github.psft4j.cli.input;

import io.github.psft4j.config.Bundled;
import io.github.psft4j.hf.EndOfSequence;
import io.github.psft4j.hf.ForeignFiles;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.FrozenType;
import io.github.psft4j.model.GenerationModels;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.buffer.DataType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Parts of a model: a directory, and that of its base if it is an adapter. Tokenizer, chat template and the ids that
 * end a text are the adapter's where it has them, or else the base's.
 *
 * @param dir directory of the model
 * @param base absolute directory of the base of an adapter, null for a whole model
 */
public record ModelFiles(Path dir, Path base) {

    private static final Logger LOG = LoggerFactory.getLogger(ModelFiles.class);

    /** The model of a directory; an adapter's base by the path in its file. */
    public static ModelFiles of(Path dir) {
        return of(dir, null);
    }

    /**
     * The model of a directory.
     *
     * @param base where the base of an adapter is, as the user gave it; null for the path in the adapter's file
     * @throws RefusedException if a whole model is given a base
     * @throws io.github.psft4j.hf.ModelFormatException if an adapter has none
     */
    public static ModelFiles of(Path dir, String base) {
        if (!LoraModels.isAdapter(dir)) {
            if (base != null) {
                CausalLm.readConfig(dir); // what is no model at all is named first
                throw new RefusedException("the base " + base + " is given for " + dir
                        + ", which is a whole model and no adapter; leave out model.base (--base)");
            }
            return new ModelFiles(dir, null);
        }
        Path found = base == null ? LoraModels.baseOf(dir) : Bundled.resolve(base);
        return new ModelFiles(dir, found.toAbsolutePath().normalize());
    }

    /** The model with weights of type {@code float} or {@code double}. */
    public CausalLm load(String dtype) {
        return load(dtype, FrozenType.AUTO);
    }

    /** The same with another type of the frozen matrices of an adapter's base. */
    public CausalLm load(String dtype, FrozenType frozen) {
        return base == null ? CausalLm.load(dir, type(dtype)) : LoraModels.load(dir, base, type(dtype), frozen);
    }

    /** The model for generation and scoring in this precision; in bf16 its matrices are in bfloat16. */
    public CausalLm load(String dtype, Precision precision) {
        return GenerationModels.load(dir, base, type(dtype), precision);
    }

    /** The architecture; weights are not read, but their headers are checked. */
    public DecoderConfig check() {
        return base == null ? CausalLm.check(dir) : LoraModels.check(dir, base);
    }

    /** The architecture, whether there are weights or not. */
    public DecoderConfig config() {
        return CausalLm.readConfig(whole());
    }

    /** The directory with {@code config.json}. */
    public Path whole() {
        return base == null ? dir : base;
    }

    private List<Path> directories() {
        return base == null ? List.of(dir) : List.of(dir, base);
    }

    /** ND4J's name of a type. */
    public static DataType type(String dtype) {
        return switch (dtype) {
            case "float" -> DataType.FLOAT;
            case "double" -> DataType.DOUBLE;
            default -> throw new RefusedException("--dtype must be float or double, was " + dtype);
        };
    }

    /** The tokenizer, null if the model has none; another one than {@code tokenizer.json} is named in a warning. */
    public Tokenizer tokenizer() {
        Optional<Path> found = directories().stream()
                .filter(d -> Files.exists(d.resolve("tokenizer.json")))
                .findFirst();
        if (found.isEmpty()) {
            ForeignFiles.otherTokenizer(whole()).ifPresent(LOG::warn);
        }
        return found.map(Tokenizer::load).orElse(null);
    }

    /** The chat template, null if the model has none. */
    public ChatTemplate template() {
        return directories().stream()
                .flatMap(d -> ChatTemplate.find(d).stream())
                .findFirst()
                .orElse(null);
    }

    /** The template that data.chat_template names, or else that of the model; null if there is none. */
    public ChatTemplate template(String nameOrFile) {
        return nameOrFile == null ? template() : ChatTemplate.load(whole(), nameOrFile);
    }

    /** Ids of a text as a user message, up to where the answer begins. */
    public static int[] userMessage(ChatTemplate template, Tokenizer tokenizer, String text) {
        String prompt = template.render(List.of(Map.of("role", "user", "content", text)), true)
                .text();
        return tokenizer.encode(prompt, false); // the template writes the special tokens
    }

    /**
     * Tokens of the longest row for a number of positions: one more, because the last token is only predicted. Without
     * a bound it stays without.
     */
    public static int longestRow(int positions) {
        return positions == Integer.MAX_VALUE ? positions : positions + 1;
    }

    /**
     * Ids that end a text: {@code eos_token_id} of generation_config.json, or else of config.json, or else the
     * tokenizer's end of sequence.
     */
    public Set<Integer> endOfSequence() {
        for (Path directory : directories()) {
            Set<Integer> ids = EndOfSequence.ids(directory);
            if (!ids.isEmpty()) {
                return ids;
            }
        }
        try (Tokenizer tokenizer = tokenizer()) {
            return tokenizer == null
                    ? Set.of()
                    : tokenizer.eosTokenId().stream().boxed().collect(Collectors.toSet());
        }
    }
}
