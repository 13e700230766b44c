package io.github.psft4j.examples.skills;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The character-level tokenizer of the skill testbed as a Hugging Face {@code tokenizer.json}. It is a word-level model
 * whose words are single characters, behind a pre-tokenizer that isolates every character. It is exact in both
 * directions for text over {@link #ALPHABET} and refuses any other character, because there is no unknown token.
 */
public final class CharacterTokenizer {

    /** Token {@code i} is character {@code i}. Several occur in no skill; they are left for new answer formats. */
    public static final String ALPHABET = "\n0123456789abcdefghij+-=<>[]:;?,.*#%&@!|^ RSMADCX";

    /** Padding; never part of a problem. */
    public static final int PAD_ID = 0;

    /** End of sequence: {@link Problem#END_OF_ANSWER}. */
    public static final int EOS_ID = ALPHABET.indexOf(Problem.END_OF_ANSWER);

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private CharacterTokenizer() {}

    /**
     * Writes {@code tokenizer.json} and {@code tokenizer_config.json} into {@code directory}, creating it if need be.
     *
     * @param maxPositions the context length to declare
     */
    public static void write(Path directory, int maxPositions) throws IOException {
        Files.createDirectories(directory);
        JSON.writeValue(directory.resolve("tokenizer.json").toFile(), tokenizer());
        JSON.writeValue(directory.resolve("tokenizer_config.json").toFile(), configuration(maxPositions));
    }

    private static ObjectNode tokenizer() {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", "1.0");
        root.putNull("truncation").putNull("padding");
        root.putArray("added_tokens");
        root.putNull("normalizer");
        ObjectNode split = root.putObject("pre_tokenizer").put("type", "Split");
        split.putObject("pattern").put("Regex", "[\\s\\S]");
        split.put("behavior", "Isolated").put("invert", false);
        root.putNull("post_processor");
        // Without a decoder the library would put a space between tokens.
        root.putObject("decoder").put("type", "Fuse");
        ObjectNode model = root.putObject("model").put("type", "WordLevel");
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < ALPHABET.length(); id++) {
            vocabulary.put(String.valueOf(ALPHABET.charAt(id)), id);
        }
        // The field is compulsory. A word that is not in the vocabulary makes an unknown character an error.
        model.put("unk_token", "<none>");
        return root;
    }

    private static ObjectNode configuration(int maxPositions) {
        return JSON.createObjectNode()
                .put("tokenizer_class", "PreTrainedTokenizerFast")
                .put("model_max_length", maxPositions)
                .put("pad_token", String.valueOf(ALPHABET.charAt(PAD_ID)))
                .put("eos_token", String.valueOf(Problem.END_OF_ANSWER))
                .put("clean_up_tokenization_spaces", false);
    }
}
