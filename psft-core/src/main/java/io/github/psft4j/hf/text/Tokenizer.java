package io.github.psft4j.hf.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.psft4j.hf.EndOfSequence;
import io.github.psft4j.hf.ForeignFiles;
import io.github.psft4j.hf.ModelFile;
import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.io.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Text to token ids and back, exactly as Hugging Face does it: {@code tokenizer.json} is interpreted by their own Rust
 * library, reached through {@code ai.djl.huggingface:tokenizers}.
 *
 * <p>Nothing is truncated and nothing is padded, whatever the file or {@code tokenizer_config.json} ask for: lengths
 * are the business of the data pipeline. Nothing is fetched from the network. The CPU library inside the jar is used;
 * on a machine with a GPU the default would be to download another one. The binding's telemetry is off.
 *
 * <p>Thread-safe until {@link #close}, which frees the native memory; closing twice is harmless.
 */
public final class Tokenizer implements AutoCloseable {
    private static final String TOKENIZER = "tokenizer.json";

    /** Files in the directory of a tokenizer that are saved with it. */
    private static final List<String> COMPANIONS = List.of(
            SpecialTokens.CONFIG,
            SpecialTokens.MAP,
            SpecialTokens.ADDED,
            "generation_config.json",
            ChatTemplateFiles.TEMPLATE);

    private static final Map<String, String> NO_TRUNCATION_NO_PADDING =
            Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "true");

    private final Path source;
    private final Map<String, byte[]> files;
    private final Map<String, Integer> ids;
    private final OptionalInt eosTokenId;
    private final OptionalInt bosTokenId;
    private final String fingerprint;
    private final int vocabSize;
    private final HuggingFaceTokenizer rust;

    private Tokenizer(Path source, Map<String, byte[]> files) throws IOException {
        byte[] original = files.get(TOKENIZER);
        TokenizerVocabulary vocabulary = ModelFile.parse(source, () -> TokenizerVocabulary.read(source, original));
        SpecialTokens special = new SpecialTokens(
                json(source, files, SpecialTokens.CONFIG),
                json(source, files, SpecialTokens.MAP),
                json(source, files, SpecialTokens.ADDED));
        byte[] complete = vocabulary.with(special.toAdd(vocabulary.added()), original);
        this.source = source;
        this.files = files;
        this.ids = vocabulary.ids();
        this.fingerprint = Sha256.of(complete);
        this.vocabSize =
                1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
        this.eosTokenId = eosTokenId(special.endOfSequence());
        String begin = special.names().get("bos_token");
        this.bosTokenId = begin == null ? OptionalInt.empty() : tokenId(begin);
        this.rust = rust(source, complete);
    }

    /** The id of a spelling; without one, the first that the model's own files name. */
    private OptionalInt eosTokenId(String spelling) {
        if (spelling != null) {
            return tokenId(spelling);
        }
        return EndOfSequence.ids(source.toAbsolutePath().getParent()).stream()
                .mapToInt(Integer::intValue)
                .filter(id -> id < vocabSize)
                .findFirst();
    }

    /** The content of a file beside {@code tokenizer.json}; a missing node if there is none. */
    private static JsonNode json(Path source, Map<String, byte[]> files, String name) {
        byte[] bytes = files.get(name);
        return bytes == null ? MissingNode.getInstance() : ModelFile.json(source.resolveSibling(name), bytes);
    }

    /**
     * Reads {@code tokenizer.json} and the special tokens that the files beside it name, as transformers does. These
     * may add tokens and change flags.
     *
     * @param dirOrFile a model directory with a {@code tokenizer.json}, or such a file
     * @return the tokenizer
     * @throws ModelFormatException if the file is missing, torn or of a kind that the Hugging Face library refuses
     */
    public static Tokenizer load(Path dirOrFile) {
        Path file = Files.isDirectory(dirOrFile) ? dirOrFile.resolve(TOKENIZER) : dirOrFile;
        if (!Files.isRegularFile(file)) {
            throw ModelFormatException.of(
                    file,
                    "no such file; "
                            + ForeignFiles.otherTokenizer(file.toAbsolutePath().getParent())
                                    .orElse("export it in Python with"
                                            + " AutoTokenizer.from_pretrained(model).save_pretrained(directory)"));
        }
        return FileCall.get("cannot read " + file, () -> {
            Map<String, byte[]> files = new LinkedHashMap<>();
            files.put(TOKENIZER, ModelFile.bytes(file, ModelFile.TOKENIZER));
            for (String companion : COMPANIONS) {
                Path path = file.resolveSibling(companion);
                if (Files.isRegularFile(path)) {
                    files.put(companion, ModelFile.bytes(path, ModelFile.SMALL));
                }
            }
            for (Path template :
                    ChatTemplateFiles.additional(file.toAbsolutePath().getParent())) {
                files.put(
                        ChatTemplateFiles.MORE_TEMPLATES + "/" + template.getFileName(),
                        ModelFile.bytes(template, ModelFile.SMALL));
            }
            return new Tokenizer(file, files);
        });
    }

    private static HuggingFaceTokenizer rust(Path file, byte[] json) throws IOException {
        // Read by the binding when its classes load. What the user has set, as a property here or in the environment,
        // wins. Its general offline switch is left alone: it would bind every other use of DJL in this process.
        System.getProperties().putIfAbsent("RUST_FLAVOR", "cpu");
        System.getProperties().putIfAbsent("OPT_OUT_TRACKING", "true");
        try {
            return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), NO_TRUNCATION_NO_PADDING);
        } catch (RuntimeException e) {
            throw ModelFormatException.of(
                    file,
                    "refused by the Hugging Face tokenizers library: " + e.getMessage()
                            + "; export it again with a current version of transformers",
                    e);
        }
    }

    /**
     * Encodes with the special tokens that the file adds, such as {@code <s>} in front.
     *
     * @param text any text; special tokens written out in it are recognised
     * @return token ids
     * @throws IllegalArgumentException if the text holds half of a surrogate pair
     */
    public int[] encode(String text) {
        return encode(text, true);
    }

    /**
     * @param text any text; special tokens written out in it are recognised
     * @param addSpecialTokens whether the file's post-processor may add tokens, such as {@code <s>} in front
     * @return token ids
     * @throws IllegalArgumentException if the text holds half of a surrogate pair
     */
    public int[] encode(String text, boolean addSpecialTokens) {
        checkText(text);
        // Not HuggingFaceTokenizer.encode, which copies eight arrays per encoding, the tokens as text among them.
        long encoding = TokenizersLibrary.LIB.encode(rust.getHandle(), text, addSpecialTokens);
        try {
            return ids(encoding);
        } finally {
            TokenizersLibrary.LIB.deleteEncoding(encoding);
            Reference.reachabilityFence(rust); // its finalizer frees what the call above reads
        }
    }

    /** At null the Rust library ends the process; half of a surrogate pair it reads as three characters. */
    private static void checkText(String text) {
        Objects.requireNonNull(text, "text");
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    throw new IllegalArgumentException(
                            "character %d of %d is \\u%04x, half of a surrogate pair; cut text"
                                            .formatted(i, text.length(), (int) text.charAt(i))
                                    + " between code points, not inside an emoji");
                }
                i++;
            }
        }
    }

    private static int[] ids(long encoding) {
        long[] wide = TokenizersLibrary.LIB.getTokenIds(encoding);
        int[] tokens = new int[wide.length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = Math.toIntExact(wide[i]);
        }
        return tokens;
    }

    /**
     * Encodes and says which part of the text each token stands for. Several tokens may share a character: the bytes of
     * one that the vocabulary does not have.
     *
     * @param text any text; special tokens written out in it are recognised
     * @param addSpecialTokens whether the file's post-processor may add tokens, which stand for no text
     * @return token ids and parts of the text
     * @throws IllegalArgumentException if the text holds half of a surrogate pair
     */
    public TokenSpans encodeWithSpans(String text, boolean addSpecialTokens) {
        checkText(text);
        long encoding = TokenizersLibrary.LIB.encode(rust.getHandle(), text, addSpecialTokens);
        try {
            return TokenSpans.of(text, ids(encoding), TokenizersLibrary.LIB.getTokenCharSpans(encoding));
        } finally {
            TokenizersLibrary.LIB.deleteEncoding(encoding);
            Reference.reachabilityFence(rust);
        }
    }

    /**
     * Decodes with special tokens written out.
     *
     * @param tokens ids; one that no token has gives no text (embedding tables are often padded)
     * @return the text
     * @throws IllegalArgumentException if an id is negative
     */
    public String decode(int... tokens) {
        return decode(tokens, false);
    }

    /**
     * @param tokens ids; one that no token has gives no text (embedding tables are often padded)
     * @param skipSpecial whether to leave special tokens out
     * @return the text
     * @throws IllegalArgumentException if an id is negative
     */
    public String decode(int[] tokens, boolean skipSpecial) {
        long[] wide = new long[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] < 0) {
                throw new IllegalArgumentException("token " + i + " of " + tokens.length + " is " + tokens[i]
                        + "; ids are not negative: remove ignored positions (-100) before decoding");
            }
            wide[i] = tokens[i];
        }
        try {
            return rust.decode(wide, skipSpecial);
        } finally {
            Reference.reachabilityFence(rust);
        }
    }

    /** @return the largest token id + 1: the rows that an embedding needs. The model's may be padded to more */
    public int vocabSize() {
        return vocabSize;
    }

    /**
     * @param token a token as the vocabulary spells it, e.g. {@code "</s>"} or {@code "▁the"}
     * @return its id, empty if it is not one token
     */
    public OptionalInt tokenId(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /**
     * @return the id of {@code eos_token}, empty if no file names one. As in transformers,
     *     {@code special_tokens_map.json} goes before {@code tokenizer_config.json} unless that has
     *     {@code added_tokens_decoder}. {@code eos_token_id} of {@code generation_config.json} or {@code config.json}
     *     is asked last
     */
    public OptionalInt eosTokenId() {
        return eosTokenId;
    }

    /** @return the id of {@code bos_token}, empty if no file names one */
    public OptionalInt bosTokenId() {
        return bosTokenId;
    }

    /** @return ids that end a text: {@link #eosTokenId()} and {@code eos_token_id} of {@code generation_config.json} */
    public Set<Integer> stopTokenIds() {
        Set<Integer> ids = new LinkedHashSet<>();
        eosTokenId().ifPresent(ids::add);
        byte[] generation = files.get("generation_config.json");
        if (generation != null) {
            ids.addAll(EndOfSequence.ids(source.resolveSibling("generation_config.json"), generation));
        }
        return ids;
    }

    /**
     * SHA-256 of {@code tokenizer.json} with the tokens that other files add: tokenizers of one fingerprint give the
     * same ids.
     */
    public String fingerprint() {
        return fingerprint;
    }

    /**
     * Writes {@code tokenizer.json} and the files that were loaded with it, byte for byte. These are
     * {@code tokenizer_config.json}, {@code special_tokens_map.json}, {@code added_tokens.json},
     * {@code generation_config.json}, {@code chat_template.jinja} and the templates in
     * {@code additional_chat_templates}, where they exist.
     *
     * @param dir directory, created if need be
     * @throws UncheckedIOException if the device fails
     */
    public void save(Path dir) {
        FileCall.run("cannot create the directory " + dir, () -> {
            for (String name : files.keySet()) {
                Files.createDirectories(dir.resolve(name).toAbsolutePath().getParent());
            }
        });
        files.forEach((name, bytes) -> AtomicFile.write(dir.resolve(name), bytes));
    }

    /** Frees the native memory. */
    @Override
    public void close() {
        rust.close();
    }

    @Override
    public String toString() {
        return "Tokenizer[" + source + ", " + vocabSize + " tokens]";
    }
}
