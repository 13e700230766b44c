package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.model.ValueHeads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run with a critic has learned to foresee is not lost with its end. */
class FinalCriticTest {

    private static final Path MODEL = Path.of("../psft-core/src/test/resources/models/stories260K");

    @TempDir
    Path dir;

    private InProcess.Result train(Path run, Path model, String critic) throws IOException {
        Path prompts = Files.writeString(dir.resolve("prompts.jsonl"), """
                {"prompt": "Once upon"}
                {"prompt": "The cat"}
                {"prompt": "Tom and his"}
                """);
        Path file = Files.writeString(dir.resolve("ppo.yaml"), """
                model: {path: "%s"}
                data: {train: "%s"}
                objective: {name: ppo-clip}
                critic: %s
                rollout: {group_size: 1, max_new_tokens: 9}
                rollout_training: {truncated: kept}
                reward: {functions: {test_letters: 1}, settings: {test_letters.letter: a}}
                batch: {macro: 8, mini: 4}
                train: {max_steps: 6}
                optimizer: {lr: 3e-3}
                checkpoint: {every: 6}
                """.formatted(text(model), text(prompts), critic));
        return InProcess.run("train", "--config", file.toString(), "--set", "run.dir=" + run);
    }

    private static String text(Path path) {
        return path.toAbsolutePath().toString().replace('\\', '/');
    }

    /** A fresh critic foresees nothing, so it explains no variance of the first returns. */
    @ParameterizedTest
    @CsvSource({"shared, .", "separate, critic"})
    void theNextRunBeginsWithTheCriticInFinal(String trunk, String place) throws IOException {
        Path first = dir.resolve("first");
        InProcess.Result fresh = train(first, MODEL, "{trunk: " + trunk + "}");
        assertEquals(0, fresh.code(), fresh.err());
        assertEquals(0, explained(first));
        Path saved = first.resolve("final").resolve(place).normalize();
        for (String name : ValueHeads.NAMES) {
            assertArrayEquals(read(first.resolve("step-00000006"), name), read(saved, name), name);
        }
        assertTrue(read(saved, ValueHeads.WEIGHT)[0] != 0, "the head has learned");

        boolean separate = trunk.equals("separate");
        String settings = separate ? "{trunk: separate, path: \"" + text(saved) + "\"}" : "{trunk: shared}";
        Path next = dir.resolve("next");
        InProcess.Result second = train(next, first.resolve("final"), settings);
        assertEquals(0, second.code(), second.err());
        assertTrue(second.err().contains("goes on with the value head of"), second.err());
        assertNotEquals(0, explained(next));
    }

    /** Of the first rollout. */
    private static double explained(Path run) throws IOException {
        JsonNode step = new ObjectMapper()
                .readTree(Files.readAllLines(run.resolve("metrics.jsonl")).get(0));
        assertTrue(step.path("explained_variance").isNumber(), step.toString());
        return step.path("explained_variance").doubleValue();
    }

    private static double[] read(Path directory, String tensor) {
        try (SafetensorsReader reader = SafetensorsReader.open(directory.resolve(ValueHeads.FILE))) {
            return reader.readDoubles(tensor);
        }
    }
}
