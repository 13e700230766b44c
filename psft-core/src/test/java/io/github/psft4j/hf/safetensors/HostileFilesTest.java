package io.github.psft4j.hf.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.FuzzInputs;
import io.github.psft4j.hf.ModelFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hostile weight files and indices: whatever the bytes are, a file is read by the rules of the format or refused with
 * {@link ModelFormatException}, nothing else. Replays the inputs of {@link SafetensorsFuzzTest}: those named ok-* must
 * be accepted and those named bad-* refused; what fuzzing adds to the folders must do one of the two.
 */
class HostileFilesTest {

    private static final Path INPUTS =
            Path.of("src/test/resources/io/github/psft4j/hf/safetensors/SafetensorsFuzzTestInputs");

    private static final String HEADER = "{\"%s\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";

    /** Shards "one" with tensor a and "two" with tensor b. */
    static void writeShards(Path dir) throws IOException {
        shard(dir.resolve("one.safetensors"), "a");
        shard(dir.resolve("two.safetensors"), "b");
    }

    private static void shard(Path file, String tensor) throws IOException {
        byte[] header = HEADER.formatted(tensor).getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[8 + header.length + 8];
        bytes[0] = (byte) header.length;
        System.arraycopy(header, 0, bytes, 8, header.length);
        Files.write(file, bytes);
    }

    /** Opens the bytes as a file and reads all that it holds; the tensors must fill the data section exactly. */
    static void open(Path dir, byte[] bytes) throws IOException {
        Path file = dir.resolve("fuzz.safetensors");
        Files.write(file, bytes);
        long headerLength = 0;
        for (int i = 7; bytes.length >= 8 && i >= 0; i--) {
            headerLength = headerLength << 8 | bytes[i] & 0xff;
        }
        try (SafetensorsReader reader = SafetensorsReader.open(file)) {
            long read = 0;
            for (String name : reader.names()) {
                TensorInfo info = reader.info(name);
                int elements =
                        info.dtype().isFloating() ? reader.readDoubles(name).length : reader.readLongs(name).length;
                assertEquals(info.elements(), elements);
                read += (long) elements * info.dtype().bytes();
            }
            assertEquals(bytes.length - 8 - headerLength, read);
        }
    }

    static void openIndex(Path dir, byte[] bytes) throws IOException {
        Files.write(dir.resolve(ModelWeights.INDEX), bytes);
        try (ModelWeights weights = ModelWeights.open(dir)) {
            assertFalse(weights.names().isEmpty());
            assertTrue(
                    Set.of("a", "b").containsAll(weights.names()),
                    weights.names().toString());
        }
    }

    static Stream<Path> inputs() throws IOException {
        try (Stream<Path> files = Files.walk(INPUTS, 2)) {
            return files
                    .filter(f -> Files.isRegularFile(f) && !f.getParent().equals(INPUTS))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void aFileIsReadOrRefusedWithItsName(Path input, @TempDir Path dir) throws IOException {
        writeShards(dir);
        byte[] bytes = Files.readAllBytes(input);
        String name = input.getFileName().toString();
        boolean index = input.getParent().endsWith("index");
        ModelFormatException refusal = null;
        try {
            if (index) {
                openIndex(dir, bytes);
            } else {
                open(dir, bytes);
            }
        } catch (ModelFormatException e) {
            refusal = e;
            assertTrue(e.getMessage().contains(dir.toString()), e.getMessage());
        }
        assertFalse(name.startsWith("ok-") && refusal != null, () -> name + " was refused");
        assertFalse(name.startsWith("bad-") && refusal == null, () -> name + " was accepted");
    }

    @Test
    void whatFuzzingKeptIsReadOrRefused(@TempDir Path dir) throws IOException {
        writeShards(dir);
        for (FuzzInputs.Input input : FuzzInputs.corpus(INPUTS.resolve("file"))) {
            try {
                open(dir, input.bytes());
            } catch (ModelFormatException e) {
                assertTrue(e.getMessage().contains("fuzz.safetensors"), e.getMessage());
            }
        }
        for (FuzzInputs.Input input : FuzzInputs.corpus(INPUTS.resolve("index"))) {
            try {
                openIndex(dir, input.bytes());
            } catch (ModelFormatException e) {
                assertTrue(e.getMessage().contains(dir.toString()), e.getMessage());
            }
        }
    }
}
