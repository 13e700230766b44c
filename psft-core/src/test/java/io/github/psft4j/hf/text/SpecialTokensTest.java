package io.github.psft4j.hf.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens that only the files beside tokenizer.json name are those of transformers 5.24, with its precedence. */
class SpecialTokensTest {

    /** Bytes are tokens 0 to 255, {@code <|im_start|>} is 256 and {@code <|im_end|>} 257. */
    private static final Path BYTES = Path.of("src/test/resources/models/byte-level/tokenizer.json");

    private static final String FLAGS = "\"special\": true, \"normalized\": false}";

    @TempDir
    private Path dir;

    private Tokenizer load(String config, String map, String added) throws IOException {
        Files.copy(BYTES, dir.resolve("tokenizer.json"));
        write("tokenizer_config.json", config);
        write("special_tokens_map.json", map);
        write("added_tokens.json", added);
        return Tokenizer.load(dir);
    }

    private void write(String name, String json) throws IOException {
        if (json != null) {
            Files.writeString(dir.resolve(name), json.replace("FLAGS", FLAGS).replace('\'', '"'));
        }
    }

    /** Ids as AutoTokenizer of transformers 5.24.0 gives them with PreTrainedTokenizerFast. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "{'added_tokens_decoder': {'259': {'content': '</think>', FLAGS, '258': {'content': '<think>', FLAGS}};"
                        + " -; -; 258 87 259 257 220 220 88",
                "{'extra_special_tokens': ['<think>', '</think>']}; -; -; 258 87 259 257 220 220 88",
                "{'additional_special_tokens': ['<think>', '</think>']}; -; -; 258 87 259 257 220 220 88",
                "{'pad_token': '</think>', 'think_token': '<think>'}; -; -; 259 87 258 257 220 220 88",
                "{}; {'additional_special_tokens': ['<think>', '</think>']}; -;" + " 258 87 259 257 220 220 88",
                "-; -; {'</think>': 258, '<think>': 300}; 259 87 258 257 220 220 88",
                "{'added_tokens_decoder': {'257': {'content': '<|im_end|>', 'rstrip': true, FLAGS}}; -; -;"
                        + " 27 83 71 72 77 74 29 87 27 14 83 71 72 77 74 29 257 88",
                "{'added_tokens_decoder': {}}; {'pad_token': '<think>'}; {'</think>': 258};"
                        + " 27 83 71 72 77 74 29 87 27 14 83 71 72 77 74 29 257 220 220 88"
            })
    void tokensOfTheOtherFilesAreAddedAndTheirFlagsCount(String config, String map, String added, String ids)
            throws IOException {
        try (Tokenizer tokenizer = load(config, map, added)) {
            String text = "<think>x</think><|im_end|>  y";
            int[] tokens = tokenizer.encode(text);
            assertEquals(ids, Arrays.stream(tokens).mapToObj(String::valueOf).collect(Collectors.joining(" ")));
            assertEquals(text.replace("  y", tokens[tokens.length - 2] == 257 ? "y" : "  y"), tokenizer.decode(tokens));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "{'eos_token': '<|im_end|>', 'added_tokens_decoder': {}}; {'eos_token': '<|im_start|>'}; 257",
                "{'eos_token': '<|im_end|>'}; {'eos_token': '<|im_start|>'}; 256",
                "{'eos_token': {'__type': 'AddedToken', 'content': '<|im_end|>'}}; -; 257",
                "{'eos_token': '<|im_end|>'}; {'eos_token': null}; -",
                "{'added_tokens_decoder': {}}; {'eos_token': '<|im_start|>'}; 256",
                "{'eos_token': '</s>'}; -; 258",
                "{}; {}; -"
            })
    void endOfSequenceFollowsTheirPrecedence(String config, String map, Integer id) throws IOException {
        try (Tokenizer tokenizer = load(config, map, null)) {
            assertEquals(
                    Optional.ofNullable(id).map(OptionalInt::of).orElseGet(OptionalInt::empty), tokenizer.eosTokenId());
        }
    }

    @Test
    void withoutAnEndOfSequenceOfItsOwnTheTokenizerTakesThatOfTheModel() throws IOException {
        write("config.json", "{'eos_token_id': 256}");
        try (Tokenizer tokenizer = load("{}", null, null)) {
            assertEquals(OptionalInt.of(256), tokenizer.eosTokenId());
        }
        write("generation_config.json", "{'eos_token_id': [70000, 257, 256]}");
        try (Tokenizer tokenizer = Tokenizer.load(dir)) {
            assertEquals(OptionalInt.of(257), tokenizer.eosTokenId());
        }
    }

    @Test
    void chatTemplatesSeeTheSameTokens() throws IOException {
        Files.writeString(dir.resolve("chat_template.jinja"), "{{ bos_token }}|{{ eos_token }}|{{ image_token }}");
        write("tokenizer_config.json", "{'eos_token': 'config', 'extra_special_tokens': {'image_token': 'image'}}");
        write("special_tokens_map.json", "{'eos_token': 'map', 'bos_token': {'content': 'begin'}}");
        ChatTemplate template = ChatTemplate.load(dir);
        assertEquals(
                "begin|map|image", template.render(java.util.List.of(), false).text());
    }

    @Test
    void whatChangesNoTokenChangesNoFingerprintAndSavedFilesGiveTheSameIds() throws IOException {
        String plain;
        try (Tokenizer tokenizer = Tokenizer.load(BYTES)) {
            plain = tokenizer.fingerprint();
        }
        try (Tokenizer tokenizer = load("{'eos_token': '<|im_end|>'}", null, null)) {
            assertEquals(plain, tokenizer.fingerprint());
        }
        write("added_tokens.json", "{'<think>': 258}");
        Path saved = dir.resolve("saved");
        try (Tokenizer tokenizer = Tokenizer.load(dir)) {
            assertNotEquals(plain, tokenizer.fingerprint());
            assertEquals(259, tokenizer.vocabSize());
            tokenizer.save(saved);
        }
        try (Tokenizer tokenizer = Tokenizer.load(saved)) {
            assertArrayEquals(new int[] {258}, tokenizer.encode("<think>"));
            assertTrue(tokenizer.decode(new int[] {87, 258}, true).startsWith("x"));
        }
    }
}
