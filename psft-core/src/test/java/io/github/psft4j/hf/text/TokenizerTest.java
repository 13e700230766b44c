package io.github.psft4j.hf.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.psft4j.hf.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Token ids are those of transformers, and nothing is cut, padded or lost. */
class TokenizerTest {
    private static final Path MODEL = Path.of("src/test/resources/models/stories260K");

    @TempDir
    Path dir;

    /** Ids as transformers 5.23 gives them. */
    static Stream<Arguments> golden() {
        return Stream.of(
                arguments("Once upon a time", new int[] {1, 403, 407, 261, 378}),
                arguments("Janet’s ducks lay 16 eggs per day.\nÜ", new int[] {
                    1, 410, 454, 303, 316, 468, 419, 279, 425, 340, 419, 278, 283, 410, 475, 490, 344, 428, 428, 419,
                    282, 285, 328, 426, 13, 198, 159
                }),
                arguments("😀 a\0b", new int[] {1, 410, 243, 162, 155, 131, 261, 3, 430}));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void idsAreThoseOfTransformersAndDecodeToTheText(String text, int[] ids) {
        try (Tokenizer tokenizer = Tokenizer.load(MODEL)) {
            assertArrayEquals(ids, tokenizer.encode(text));
            int[] plain = tokenizer.encode(text, false);
            assertArrayEquals(
                    ids,
                    Stream.of(new int[] {1}, plain).flatMapToInt(Arrays::stream).toArray());
            assertEquals(text, tokenizer.decode(plain));
            assertEquals(text, tokenizer.decode(ids, true));
            assertEquals("<s> " + text, tokenizer.decode(ids));
        }
    }

    @Test
    void emptyTextAndIdsWithoutTokenGiveNoText() {
        try (Tokenizer tokenizer = Tokenizer.load(MODEL.resolve("tokenizer.json"))) {
            assertEquals(0, tokenizer.encode("", false).length);
            assertEquals("", tokenizer.decode());
            assertEquals("Once", tokenizer.decode(403, 512, Integer.MAX_VALUE));
            String message = assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(403, -100))
                    .getMessage();
            assertTrue(message.contains("token 1 of 2 is -100"), message);
        }
    }

    /** The library behind cuts at 512 unless told otherwise; the file's own wishes are ignored as well. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"truncation\": null, \"padding\": null",
                "\"truncation\": {\"direction\": \"Right\", \"max_length\": 16, \"strategy\": \"LongestFirst\","
                        + " \"stride\": 0}, \"padding\": {\"strategy\": {\"Fixed\": 8192}, \"direction\": \"Right\","
                        + " \"pad_to_multiple_of\": null, \"pad_id\": 0, \"pad_type_id\": 0, \"pad_token\": \"<unk>\"}"
            })
    void longTextIsNeitherCutNorPadded(String wishes) throws IOException {
        String json = Files.readString(MODEL.resolve("tokenizer.json"));
        String original = "\"truncation\": null,\n \"padding\": null";
        assertTrue(json.contains(original));
        Path file = Files.writeString(dir.resolve("tokenizer.json"), json.replace(original, wishes));
        try (Tokenizer tokenizer = Tokenizer.load(file)) {
            assertEquals(1 + 3 * 2000 + 1, tokenizer.encode("word ".repeat(2000)).length); // as transformers
        }
    }

    @Test
    void vocabularyIsKnown() {
        try (Tokenizer tokenizer = Tokenizer.load(MODEL)) {
            assertEquals(512, tokenizer.vocabSize());
            assertEquals(OptionalInt.of(2), tokenizer.tokenId("</s>"));
            assertEquals(OptionalInt.of(403), tokenizer.tokenId("▁Once"));
            assertEquals(OptionalInt.empty(), tokenizer.tokenId("absent"));
        }
    }

    @Test
    void unigramVocabularyAndAddedTokensAreKnown() throws IOException {
        Path file = Files.writeString(
                dir.resolve("tokenizer.json"),
                "{\"version\":\"1.0\",\"added_tokens\":[{\"id\":7,\"content\":\"<end>\",\"single_word\":false,"
                        + "\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true}],"
                        + "\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"<unk>\",0],[\"ab\",-1.5]]}}");
        try (Tokenizer tokenizer = Tokenizer.load(file)) {
            assertEquals(OptionalInt.of(1), tokenizer.tokenId("ab"));
            assertEquals(OptionalInt.of(7), tokenizer.tokenId("<end>"));
            assertEquals(8, tokenizer.vocabSize());
            assertArrayEquals(new int[] {1}, tokenizer.encode("ab"));
        }
    }

    @Test
    void savedFilesAreTheLoadedBytes() throws IOException {
        Path source = Files.createDirectories(dir.resolve("source/additional_chat_templates"))
                .getParent();
        List<String> kept = List.of(
                "tokenizer.json",
                "tokenizer_config.json",
                "generation_config.json",
                "chat_template.jinja",
                "additional_chat_templates/tools.jinja");
        for (String name : kept.subList(0, 2)) {
            Files.copy(MODEL.resolve(name), source.resolve(name));
        }
        for (String name : kept.subList(2, 5)) {
            Files.writeString(source.resolve(name), "bytes of " + name);
        }
        Files.writeString(source.resolve("README.md"), "no part of a tokenizer");
        Path target = dir.resolve("new/model");
        try (Tokenizer tokenizer = Tokenizer.load(source)) {
            tokenizer.save(target);
        }
        for (String name : kept) {
            assertArrayEquals(Files.readAllBytes(source.resolve(name)), Files.readAllBytes(target.resolve(name)));
        }
        try (Stream<Path> files = Files.walk(target)) {
            assertEquals(kept.size(), files.filter(Files::isRegularFile).count());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": -1}}}",
                "{\"version\": \"1.0\", \"model\": {\"type\": \"Magic\", \"vocab\": {\"a\": 0}}}",
                "{\"version\": \"1.0\", \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"a q\"]}}",
                "{\"added_tokens\": [{\"id\": 1}], \"model\": {\"vocab\": {\"a\": 0}}}"
            })
    void unusableFileIsNamed(String content) throws IOException {
        Path file = Files.writeString(dir.resolve("tokenizer.json"), content);
        String message = assertThrows(ModelFormatException.class, () -> Tokenizer.load(dir))
                .getMessage();
        assertTrue(message.startsWith(file + ": "), message);
    }

    @Test
    void tornOrMissingFileIsNamed() throws IOException {
        byte[] whole = Files.readAllBytes(MODEL.resolve("tokenizer.json"));
        Path file = dir.resolve("tokenizer.json");
        assertTrue(assertThrows(ModelFormatException.class, () -> Tokenizer.load(dir))
                .getMessage()
                .startsWith(file + ": no such file"));
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        assertTrue(assertThrows(ModelFormatException.class, () -> Tokenizer.load(dir))
                .getMessage()
                .startsWith(file + ": not valid JSON"));
    }

    /** At null the Rust library ends the process; half an emoji it would read as three characters. */
    @Test
    void whatIsNoTextIsRefused() {
        try (Tokenizer tokenizer = Tokenizer.load(MODEL)) {
            assertThrows(NullPointerException.class, () -> tokenizer.encode(null));
            assertThrows(NullPointerException.class, () -> tokenizer.encodeWithSpans(null, true));
            for (String half : List.of("ab\ud83d", "ab\ude00", "ab\ude00\ud83d")) {
                for (Executable call : List.<Executable>of(
                        () -> tokenizer.encode(half), () -> tokenizer.encodeWithSpans(half, false))) {
                    String message =
                            assertThrows(IllegalArgumentException.class, call).getMessage();
                    assertTrue(message.startsWith("character 2 of " + half.length()), message);
                }
            }
        }
    }

    @Test
    void closedTokenizerThrowsInsteadOfReadingFreedMemory() {
        Tokenizer tokenizer = Tokenizer.load(MODEL);
        tokenizer.close();
        tokenizer.close();
        assertThrows(IllegalStateException.class, () -> tokenizer.encode("text"));
        assertThrows(IllegalStateException.class, () -> tokenizer.decode(403));
    }
}
