package io.github.psft4j.model;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.FuzzBounds;
import io.github.psft4j.hf.ModelFile;
import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.ChatTemplateException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Model directories from strangers: a hostile file beside good ones is refused with {@link ModelFormatException} naming
 * it, before what it claims is allocated.
 */
class HostileModelTest {

    private static final Path LLAMA = Path.of("src/test/resources/golden/llama-tiny");
    private static final Path CHAT = Path.of("src/test/resources/golden/qwen2-chat-tiny");

    /** More than classes and weights of these models take, far less than what is claimed. */
    private static final long MAX_BYTES = 256L << 20;

    @TempDir
    private Path dir;

    /** A file and what it is replaced by, or what stands in it and what that is replaced by. */
    record Case(String name, String file, String from, String to) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeEach
    void copy() throws IOException {
        for (Path from : new Path[] {CHAT, LLAMA}) {
            try (Stream<Path> files = Files.list(from)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Path to = dir.resolve(file.getFileName());
                    Files.deleteIfExists(to);
                    Files.copy(file, to);
                }
            }
        }
    }

    /** Workers read side by side, and a user who starts again must not meet another message. */
    @Test
    void ofManyTensorsThatDoNotFitTheFirstIsNamed() throws IOException {
        Path file = dir.resolve("config.json");
        String text = Files.readString(file);
        Files.writeString(file, text.replace("\"intermediate_size\": 56", "\"intermediate_size\": 57"));
        for (int i = 0; i < 50; i++) {
            String message = assertThrows(ModelFormatException.class, () -> CausalLm.load(dir))
                    .getMessage();
            assertTrue(message.contains("'model.layers.0.mlp.gate_proj.weight'"), message);
        }
    }

    private static Case config(String name, String from, String to) {
        return new Case(name, "config.json", from, to);
    }

    static Stream<Case> cases() {
        return Stream.of(
                config("a billion layers", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 2147483647"),
                config("many layers", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 10000"),
                config("a huge vocabulary", "\"vocab_size\": 97", "\"vocab_size\": 16000000"),
                config("a huge feed-forward", "\"intermediate_size\": 56", "\"intermediate_size\": 2147483647"),
                config("a huge width", "\"hidden_size\": 32", "\"hidden_size\": 2147483646"),
                config("huge heads", "\"head_dim\": 8", "\"head_dim\": 2147483646"),
                config(
                        "all of it",
                        "\"hidden_size\": 32",
                        "\"hidden_size\": 2147483646, \"head_dim\": 2147483646,"
                                + " \"intermediate_size\": 2147483647"),
                config("a fraction", "\"hidden_size\": 32", "\"hidden_size\": 32.5"),
                config("a number beyond int", "\"hidden_size\": 32", "\"hidden_size\": 99999999999"),
                config("a number of many digits", "\"hidden_size\": 32", "\"hidden_size\": " + "9".repeat(5000)),
                config("infinity", "\"rms_norm_eps\": 1e-05", "\"rms_norm_eps\": 1e999"),
                config("a key twice", "\"hidden_size\": 32", "\"hidden_size\": 32, \"hidden_size\": 64"),
                config("deep nesting", "\"hidden_size\": 32", "\"x\": " + "[".repeat(100_000)),
                config("a long value", "\"hidden_size\": 32", "\"hidden_size\": \"" + "x".repeat(1 << 20) + "\""),
                config(
                        "a long unknown field",
                        "\"hidden_size\": 32",
                        "\"hidden_size\": 32, \"" + "x".repeat(40_000) + "\": 1"),
                config("two values", "}\n", "}\n{}"),
                config("no object", null, "[]"),
                config("nothing", null, ""),
                config("more than its limit", null, " ".repeat(ModelFile.SMALL + 1)),
                config("UTF-32", null, "\0\0\0{\0\u00ff\u00ff\u00ff"),
                new Case(
                        "vocabulary of a huge id",
                        "tokenizer.json",
                        "\"vocab\": {",
                        "\"vocab\": {\"zz\": 99999999999,"),
                new Case("deep tokenizer", "tokenizer.json", null, "{\"a\":" + "[".repeat(100_000)),
                new Case(
                        "long token",
                        "tokenizer.json",
                        null,
                        "{\"model\": {\"vocab\": {\"" + "x".repeat(40_000) + "\": -1}}}"),
                new Case("torn tokenizer", "tokenizer.json", null, "{\"model\": {\"vocab\": {\"a\""),
                new Case("empty tokenizer", "tokenizer.json", null, ""));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aHostileFileIsRefusedByNameBeforeWhatItClaimsIsAllocated(Case hostile) throws Exception {
        Path file = dir.resolve(hostile.file());
        String text = hostile.to();
        if (hostile.from() != null) {
            String good = Files.readString(file);
            assertTrue(good.contains(hostile.from()), good);
            text = good.replace(hostile.from(), hostile.to());
        }
        Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
        FuzzBounds.within(MAX_BYTES, () -> {
            ModelFormatException e = assertThrows(ModelFormatException.class, () -> CausalLm.load(dir));
            assertTrue(e.getMessage().contains(hostile.file()), e.getMessage());
            assertTrue(
                    e.getMessage().length() < 2000,
                    () -> "a message of " + e.getMessage().length());
        });
    }

    static Stream<Case> companions() {
        return Stream.of(
                new Case("config of the template twice", "tokenizer_config.json", null, "{\"a\": 1, \"a\": 2}"),
                new Case("deep config", "tokenizer_config.json", null, "{\"a\":" + "[".repeat(100_000)),
                new Case(
                        "long list",
                        "tokenizer_config.json",
                        null,
                        "{\"chat_template\": [\"" + "x".repeat(40_000) + "\"]}"),
                new Case("template that is no text", "chat_template.jinja", null, "\u00ff\u00fe"),
                new Case("template beyond its limit", "chat_template.jinja", null, "x".repeat(ModelFile.SMALL + 1)));
    }

    @ParameterizedTest
    @MethodSource("companions")
    void aHostileCompanionOfTheTemplateIsRefusedByName(Case hostile) throws IOException {
        if (!hostile.file().endsWith(".jinja")) {
            Files.delete(dir.resolve("chat_template.jinja"));
        }
        Files.write(dir.resolve(hostile.file()), hostile.to().getBytes(StandardCharsets.ISO_8859_1));
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> ChatTemplate.load(dir));
        assertTrue(e.getMessage().contains(hostile.file()), e.getMessage());
        assertTrue(
                e.getMessage().length() < 2000,
                () -> "a message of " + e.getMessage().length());
    }

    @Test
    void aTemplateOfAMillionCharactersIsNotParsed() {
        String source = "x".repeat((1 << 20) + 1);
        assertTrue(assertThrows(ChatTemplateException.class, () -> ChatTemplate.of(source))
                .getMessage()
                .contains("more than the 1048576"));
    }
}
