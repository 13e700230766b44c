package io.github.psft4j.hf.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.hf.ModelFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Chunk borders, the first element, what is left open, and the figures in messages. */
class SafetensorsLimitsTest {

    @TempDir
    Path dir;

    private Path file(String header, byte[] data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json).put(data);
        return Files.write(dir.resolve("file.safetensors"), bytes.array());
    }

    /** Behind another tensor, so that no position is that of the data. */
    @Test
    void integersOfMoreThanOneChunkArriveWhole() throws IOException {
        int n = 2 * TensorMemory.CHUNK + 17;
        long[] values = new Random(4).longs(n).toArray();
        ByteBuffer data = ByteBuffer.allocate(8 + 8 * n).order(ByteOrder.LITTLE_ENDIAN);
        data.putLong(-1);
        for (long value : values) {
            data.putLong(value);
        }
        String header =
                "{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"I64\",\"shape\":["
                        + n + "],\"data_offsets\":[8," + (8 + 8 * n) + "]}}";
        try (SafetensorsReader reader = SafetensorsReader.open(file(header, data.array()))) {
            assertArrayEquals(values, reader.readLongs("b"));
            assertArrayEquals(new long[] {-1}, reader.readLongs("a"));
        }
    }

    @Test
    void aTensorOfExactlyOneChunkIsWrittenOnce() throws IOException {
        Path path = dir.resolve("chunk.safetensors");
        INDArray ones = Nd4j.ones(TensorMemory.CHUNK);
        SafetensorsWriter.write(path, Map.of("w", ones), DType.F16, Map.of());
        assertEquals(
                8 + headerLength(path) + 2L * TensorMemory.CHUNK, Files.size(path), "length, header, two bytes each");
        try (SafetensorsReader reader = SafetensorsReader.open(path)) {
            assertArrayEquals(ones.toFloatVector(), reader.readFloats("w"));
        }
    }

    private static long headerLength(Path path) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(path))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
    }

    @Test
    void theFirstElementIsCheckedForItsRangeToo() {
        Map<String, INDArray> tensors = Map.of("w", Nd4j.createFromArray(1e6f, 1f));
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> SafetensorsWriter.write(dir.resolve("w"), tensors, DType.F16, Map.of()))
                .getMessage();
        assertTrue(message.contains("element 0: 1000000.0"), message);
    }

    @Test
    void aMissingTextOfTheMetadataIsNamed() {
        Map<String, String> metadata = new HashMap<>();
        metadata.put("author", null);
        String message = assertThrows(
                        NullPointerException.class,
                        () -> SafetensorsWriter.write(dir.resolve("w"), Map.of(), DType.F16, metadata))
                .getMessage();
        assertEquals("metadata 'author' is null", message);
    }

    @Test
    void aClosedReaderReadsNoMore() throws IOException {
        Path path = file("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", new byte[4]);
        SafetensorsReader reader = SafetensorsReader.open(path);
        reader.close();
        assertThrows(UncheckedIOException.class, () -> reader.readFloats("a"));
    }

    /** Otherwise a program that tries many files runs out of descriptors. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aRefusedFileIsNotLeftOpen() throws IOException {
        Path path = file("{\"a\":1}", new byte[4]);
        assertThrows(ModelFormatException.class, () -> SafetensorsReader.open(path));
        assertFalse(isOpen(path), "open after a refusal");
        Path good = file("{}", new byte[0]);
        try (SafetensorsReader reader = SafetensorsReader.open(good)) {
            assertTrue(isOpen(good), "this test sees open files: " + reader.names());
        }
        assertFalse(isOpen(good), "open after close");
    }

    private static boolean isOpen(Path path) throws IOException {
        Path real = path.toRealPath();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.anyMatch(d -> {
                try {
                    return real.equals(Files.readSymbolicLink(d));
                } catch (IOException e) {
                    return false; // closed meanwhile
                }
            });
        }
    }

    @Test
    void messagesTellTooMuchFromTooLittle() throws IOException {
        String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
        String little = refusal(file(header, new byte[7]));
        assertTrue(little.contains("take 8 bytes, but the file has 7") && little.contains("(truncated file?)"), little);
        String much = refusal(file(header, new byte[9]));
        assertTrue(much.contains("take 8 bytes, but the file has 9") && !much.contains("truncated"), much);
        String apart = refusal(file(
                "{\"z\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,10]}}",
                new byte[10]));
        assertTrue(apart.contains("[4, 10] are 6 bytes apart, but F32[2] takes 8"), apart);
    }

    private static String refusal(Path path) {
        return assertThrows(ModelFormatException.class, () -> SafetensorsReader.open(path))
                .getMessage();
    }
}
