package io.github.psft4j.hf;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.model.CausalLm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people take for a model directory is recognised, and the message says how to get one. */
class ForeignFilesTest {

    private static final Path STORIES = Path.of("src/test/resources/models/stories260K");

    private static final String POINTER = "version https://git-lfs.github.com/spec/v1\n"
            + "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

    @TempDir
    private Path dir;

    @BeforeEach
    void copyAModel() throws IOException {
        for (String name : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
            Files.copy(STORIES.resolve(name), dir.resolve(name));
        }
    }

    private static void refused(Path path, String... words) {
        String message = assertThrows(ModelFormatException.class, () -> CausalLm.load(path))
                .getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), message);
        }
    }

    @Test
    void aGgufFileNamesTheFormatAndTheWayOut() throws IOException {
        Path file = Files.writeString(dir.resolve("smol-q4.gguf"), "GGUF\3\0\0\0");
        refused(file, "smol-q4.gguf is a GGUF file", "safetensors", "gguf_file=\"smol-q4.gguf\"");
        // save_pretrained refuses the model without the one, and writes another model without the other
        refused(file, "GgufConfig(dequantize=True)", "copy rope_parameters");
        Files.delete(dir.resolve("config.json"));
        refused(dir, "holds smol-q4.gguf, which is a GGUF file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "model.safetensors", "tokenizer.json"})
    void aPointerOfGitLfsIsNamed(String name) throws IOException {
        Files.writeString(dir.resolve(name), POINTER);
        refused(dir, dir.resolve(name) + ": a pointer of Git LFS", "git lfs pull");
    }

    @ParameterizedTest
    @CsvSource({"pytorch_model.bin, true", "pytorch_model-00001-of-00002.bin, true", "tf_model.h5, true", "x.txt, false"
    })
    void weightsOfAnotherFormatAreNamed(String name, boolean other) throws IOException {
        Files.delete(dir.resolve("model.safetensors"));
        Files.writeString(dir.resolve(name), "PK");
        refused(dir, other ? "has its weights in " + name : "no such file", "safetensors");
        assertThrows(ModelFormatException.class, () -> CausalLm.check(dir));
    }

    @Test
    void anAdapterWhoseBaseIsNotHereNamesItAndTheWay() throws IOException {
        Files.writeString(
                dir.resolve("adapter_config.json"),
                "{\"peft_type\": \"LORA\", \"base_model_name_or_path\": \"org/base\"}");
        Files.delete(dir.resolve("model.safetensors"));
        refused(dir, "base_model_name_or_path = 'org/base'", "nothing is downloaded", "--base");
        Files.delete(dir.resolve("config.json"));
        refused(dir, "base_model_name_or_path = 'org/base'", "nothing is downloaded", "--base");
        String whole = ForeignFiles.noModel(dir).orElseThrow();
        assertTrue(whole.contains("psft merge --model " + dir) && whole.contains("org/base"), whole);
    }

    @Test
    void anIdOfTheHubIsNotDownloaded() {
        refused(
                Path.of("Qwen", "Qwen2.5-0.5B-Instruct"),
                "nothing is downloaded",
                "hf download Qwen/Qwen2.5-0.5B-Instruct --local-dir DIR");
    }

    @ParameterizedTest
    @CsvSource({"tokenizer.model, PreTrainedTokenizerFast", "vocab.json, AutoTokenizer"})
    void anotherTokenizerThanTokenizerJsonIsNamed(String name, String reader) throws IOException {
        Files.delete(dir.resolve("tokenizer.json"));
        Files.writeString(dir.resolve(name), "x");
        String message = assertThrows(ModelFormatException.class, () -> Tokenizer.load(dir))
                .getMessage();
        assertTrue(message.contains(name + " and no tokenizer.json"), message);
        assertTrue(message.contains(": " + reader + ".from_pretrained(\"" + dir + "\").save_pretrained("), message);
    }
}
