package io.github.psft4j.hf.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.model.CausalLm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Weights go out in one file or in shards, in three precisions, and come back; an index that lies is refused by name.
 */
class ModelWeightsTest {

    private static final Path STORIES = Path.of("src/test/resources/models/stories260K");

    @TempDir
    private Path dir;

    private static float[] weights(CausalLm model) {
        return model.graph().params().dup().data().asFloat();
    }

    @Test
    void shardedModelLoadsAsTheModelItWas() throws Exception {
        CausalLm model = CausalLm.load(STORIES);
        model.save(dir); // a single file first, which must not survive beside the shards
        model.save(dir, DType.F32, 200_000);
        assertFalse(Files.exists(dir.resolve("model.safetensors")));
        List<String> shards = shards();
        assertTrue(shards.size() > 4, shards.toString());
        for (String shard : shards) {
            assertTrue(Files.size(dir.resolve(shard)) < 210_000, shard);
        }
        assertArrayEquals(weights(model), weights(CausalLm.load(dir)));

        model.save(dir);
        assertEquals(List.of("model.safetensors"), shards());
        assertFalse(Files.exists(dir.resolve("model.safetensors.index.json")));
        assertArrayEquals(weights(model), weights(CausalLm.load(dir)));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16"})
    void halfPrecisionIsOneRoundingStepAway(DType dtype) throws Exception {
        CausalLm model = CausalLm.load(STORIES);
        model.save(dir, dtype, 300_000);
        float[] exact = weights(model);
        float[] rounded = weights(CausalLm.load(dir));
        double step = dtype == DType.BF16 ? 0x1p-9 : 0x1p-12; // half a unit in the last place
        for (int i = 0; i < exact.length; i++) {
            assertEquals(exact[i], rounded[i], step * Math.abs(exact[i]) * 2 + 1e-7, "weight " + i);
        }
        assertTrue(Files.readString(dir.resolve("config.json")).contains(dtype == DType.BF16 ? "bfloat16" : "float16"));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F16", "BF16"})
    void modelIsSavedInTheTypeThatItWasReadIn(DType dtype) {
        CausalLm.load(STORIES).save(dir, dtype);
        CausalLm model = CausalLm.load(dir);
        assertEquals(dtype, model.storedType());
        Path again = dir.resolve("again");
        model.save(again);
        try (ModelWeights weights = ModelWeights.open(again)) {
            assertEquals(dtype, weights.type());
        }
        assertArrayEquals(weights(model), weights(CausalLm.load(again)), "nothing is rounded twice");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "\"model-00001-of | \"../model-00001-of | a shard must be a plain name",
                "\"model-00001-of | \"/tmp/model-00001-of | a shard must be a plain name",
                "\"model-00001-of-00006 | \"model-00007-of-00006 | no such file",
                "\"model.norm.weight\" | \"model.norm.wait\" | 'model.norm.wait' is not in",
                "\"weight_map\" | \"weightmap\" | weight_map must be an object",
                "\"total_size\" | \"total_size\" : 1, \"total_size\" | not valid JSON"
            })
    void indexThatLiesIsRefused(String from, String to, String message) throws Exception {
        CausalLm.load(STORIES).save(dir, DType.F32, 200_000);
        Path index = dir.resolve("model.safetensors.index.json");
        String text = Files.readString(index);
        assertTrue(text.contains(from), from);
        Files.writeString(index, text.replace(from, to));
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> CausalLm.load(dir));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    void tensorThatTheIndexDoesNotListIsNamed() throws Exception {
        CausalLm.load(STORIES).save(dir, DType.F32, 200_000);
        Path index = dir.resolve("model.safetensors.index.json");
        Files.writeString(
                index, Files.readString(index).replaceFirst("\"model.embed_tokens.weight\" : \"[^\"]*\",\\s*", ""));
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> CausalLm.load(dir));
        assertTrue(e.getMessage().contains("does not list tensor 'model.embed_tokens.weight'"), e.getMessage());
    }

    private List<String> shards() throws Exception {
        try (var files = Files.list(dir)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(n -> n.endsWith(".safetensors"))
                    .sorted()
                    .toList();
        }
    }
}
