package io.github.psft4j.model;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.safetensors.ModelExport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A head that the weights hold beside tie_word_embeddings: true is read as transformers 5.24 reads it. */
class OwnHeadTest {

    private static final Path RESOURCES = Path.of("src/test/resources");
    private static final String HEAD = "lm_head.weight";

    @TempDir
    private Path dir;

    /** Written by transformers 5.24.0, log-probs by it as well; the embedding as head gives -4.2963 -5.1327 ... */
    @Test
    void aDifferentHeadScoresAsInTransformers() {
        CausalLm model = CausalLm.load(RESOURCES.resolve("models/tied-own-head"));
        float[] logProbs = new Scorer(model, 1)
                .score(List.of(Demonstration.ofText(new int[] {3, 17, 42, 8, 55, 21})))
                .get(0)
                .logProbs();
        assertArrayEquals(new float[] {-5.9172f, -5.4014f, -4.0891f, -3.455f, -3.1968f}, logProbs, 1e-4f);
    }

    /** A random model that config.json ties, with a head whose element 5 differs from the embedding. */
    private Map<String, INDArray> withHead(String golden, double difference, long maxShardBytes) throws Exception {
        String config =
                Files.readString(RESOURCES.resolve("golden").resolve(golden).resolve("config.json"));
        Files.writeString(
                dir.resolve("config.json"),
                config.replace("\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true"));
        Files.deleteIfExists(dir.resolve("model.safetensors"));
        Files.deleteIfExists(dir.resolve("model.safetensors.index.json"));
        CausalLm tied = CausalLm.create(CausalLm.readConfig(dir), null, 3);
        assertTrue(tied.config().tiedEmbeddings());
        Map<String, INDArray> tensors = new LinkedHashMap<>(tied.tensors());
        INDArray embedding = tensors.values().iterator().next();
        tensors.put(HEAD, embedding.dup());
        tensors.get(HEAD).putScalar(5, embedding.getDouble(5) + difference);
        ModelExport.write(dir, tensors, DType.F32, maxShardBytes);
        return tensors;
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2-tiny", "gpt2-tiny"})
    void aDifferentHeadIsReadCountedAndSavedAsOneOfItsOwn(String golden) throws Exception {
        for (long shard : new long[] {1 << 30, 20_000}) {
            Map<String, INDArray> tensors = withHead(golden, 0.5, shard);
            CausalLm model = CausalLm.load(dir);
            assertExact(tensors.get(HEAD), model.tensors().get(HEAD));
            long all = tensors.values().stream().mapToLong(INDArray::length).sum();
            assertEquals(all, model.config().parameters());
            assertEquals(all, CausalLm.readConfig(dir).parameters());
            Path saved = dir.resolve("saved");
            model.save(saved);
            assertTrue(Files.readString(saved.resolve("config.json")).contains("\"tie_word_embeddings\" : false"));
            assertExact(tensors.get(HEAD), CausalLm.load(saved).tensors().get(HEAD));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2-tiny", "gpt2-tiny"})
    void anEqualHeadStaysTied(String golden) throws Exception {
        withHead(golden, 0, 20_000);
        CausalLm model = CausalLm.load(dir);
        assertTrue(model.config().tiedEmbeddings());
        assertFalse(model.tensors().containsKey(HEAD));
    }

    @Test
    void theHeadAloneIsTheEmbeddingToo() throws Exception {
        Map<String, INDArray> tensors = withHead("qwen2-tiny", 0.5, 1 << 30);
        tensors.remove("model.embed_tokens.weight");
        ModelExport.write(dir, tensors, DType.F32, 1 << 30);
        assertExact(tensors.get(HEAD), CausalLm.load(dir).tensors().get("model.embed_tokens.weight"));
    }
}
