package io.github.psft4j.cli.input;

import io.github.psft4j.hf.EndOfSequence;
import io.github.psft4j.hf.ForeignFiles;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.model.CausalLm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.buffer.DataType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Parts of a model directory. */
public final class ModelFiles {

    private static final Logger LOG = LoggerFactory.getLogger(ModelFiles.class);

    private ModelFiles() {}

    /** The model with weights of type {@code float} or {@code double}. */
    public static CausalLm load(Path dir, String dtype) {
        return CausalLm.load(dir, type(dtype));
    }

    /** ND4J's name of a type. */
    public static DataType type(String dtype) {
        return dtype.equals("double") ? DataType.DOUBLE : DataType.FLOAT;
    }

    /** The tokenizer, null if the directory has none; another one than {@code tokenizer.json} is named in a warning. */
    public static Tokenizer tokenizer(Path dir) {
        if (Files.exists(dir.resolve("tokenizer.json"))) {
            return Tokenizer.load(dir);
        }
        ForeignFiles.otherTokenizer(dir).ifPresent(LOG::warn);
        return null;
    }

    /** The chat template, null if the directory has none. */
    public static ChatTemplate template(Path dir) {
        return ChatTemplate.find(dir).orElse(null);
    }

    /** The template that data.chat_template names, or else that of the model; null if there is none. */
    public static ChatTemplate template(Path dir, String nameOrFile) {
        return nameOrFile == null ? template(dir) : ChatTemplate.load(dir, nameOrFile);
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
    public static Set<Integer> endOfSequence(Path dir) {
        Set<Integer> ids = EndOfSequence.ids(dir);
        if (!ids.isEmpty() || !Files.exists(dir.resolve("tokenizer.json"))) {
            return ids;
        }
        try (Tokenizer tokenizer = Tokenizer.load(dir)) {
            return tokenizer.eosTokenId().stream().boxed().collect(Collectors.toSet());
        }
    }
}
