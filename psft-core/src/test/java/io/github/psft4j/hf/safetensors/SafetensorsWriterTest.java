package io.github.psft4j.hf.safetensors;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** What is written is what was meant, and a failed write changes nothing. */
class SafetensorsWriterTest {
    private static final byte[] OLD = {1, 2, 3};

    @TempDir
    Path dir;

    private Path file;

    @BeforeEach
    void anOlderFileExists() throws IOException {
        file = Files.write(dir.resolve("model.safetensors"), OLD);
    }

    /** The golden model was written by the Python package. */
    @Test
    void bytesAreThoseOfTheReferenceWriter() throws IOException {
        Path golden = Path.of("src/test/resources/golden/llama-tiny/model.safetensors");
        Map<String, INDArray> tensors = new HashMap<>();
        try (SafetensorsReader reader = SafetensorsReader.open(golden)) {
            for (String name : reader.names()) {
                INDArray tensor = Nd4j.create(DataType.FLOAT, reader.info(name).shape());
                reader.readInto(name, tensor);
                tensors.put(name, tensor);
            }
            SafetensorsWriter.write(file, tensors, DType.F32, reader.metadata());
        }
        assertArrayEquals(Files.readAllBytes(golden), Files.readAllBytes(file));
        assertOnlyTheFileIsLeft();
    }

    /** Values are multiples of 1/8 below 32: every type holds them exactly. */
    @ParameterizedTest
    @CsvSource({
        "F64, FLOAT",
        "F64, DOUBLE",
        "F32, FLOAT",
        "F32, DOUBLE",
        "F16, FLOAT",
        "F16, DOUBLE",
        "BF16, FLOAT",
        "BF16, DOUBLE"
    })
    void arraysOfAnyLayoutComeBack(DType dtype, DataType type) {
        INDArray base = Nd4j.arange(240).divi(8).castTo(type).reshape('c', 4, 6, 10);
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        tensors.put("dense", base);
        tensors.put("permuted", base.permute(2, 0, 1));
        tensors.put("window", base.get(NDArrayIndex.interval(1, 3), NDArrayIndex.all(), NDArrayIndex.interval(2, 9)));
        tensors.put("every second", base.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 2, 6), NDArrayIndex.all()));
        tensors.put("fortran", base.dup('f'));
        tensors.put("row", base.reshape('c', 1, 240));
        tensors.put("scalar", Nd4j.scalar(type, 2.5));
        tensors.put("empty \" Ü", Nd4j.create(type, 3, 0));
        SafetensorsWriter.write(file, tensors, dtype, Map.of("step", "12", "quote", "\"\n"));
        try (SafetensorsReader reader = SafetensorsReader.open(file)) {
            assertEquals(Map.of("step", "12", "quote", "\"\n"), reader.metadata());
            assertEquals(tensors.keySet(), reader.names());
            tensors.forEach((name, expected) -> {
                assertEquals(dtype, reader.info(name).dtype());
                assertArrayEquals(expected.shape(), reader.info(name).shape(), name);
                INDArray actual = Nd4j.create(type, expected.shape());
                reader.readInto(name, actual);
                assertExact(expected, actual, name);
            });
        }
    }

    @Test
    void dataStartsAtAMultipleOf8WhateverTheNames() throws IOException {
        for (String name : List.of("a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh")) {
            SafetensorsWriter.write(file, Map.of(name, Nd4j.ones(DataType.FLOAT, 1)), DType.F64, Map.of());
            assertEquals(0, Files.size(file) % 8, name);
        }
    }

    @Test
    void theOrderOfTheMetadataChangesNoByte() throws IOException {
        List<String> keys = List.of("step", "format", "base");
        List<byte[]> written = new ArrayList<>();
        for (List<String> order : List.of(keys, keys.stream().sorted().toList())) {
            Map<String, String> metadata = new LinkedHashMap<>();
            order.forEach(key -> metadata.put(key, "of " + key));
            SafetensorsWriter.write(file, Map.of("w", Nd4j.ones(DataType.FLOAT, 2)), DType.F32, metadata);
            written.add(Files.readAllBytes(file));
        }
        assertArrayEquals(written.get(0), written.get(1));
    }

    static Stream<Map<String, INDArray>> arraysThatCannotBeWritten() {
        INDArray closed = Nd4j.create(DataType.FLOAT, 2);
        closed.close();
        return Stream.of(
                Map.of("w", Nd4j.create(DataType.INT32, 2)),
                Map.of("w", Nd4j.empty(DataType.FLOAT)),
                Map.of("__metadata__", Nd4j.create(DataType.FLOAT, 2)),
                Map.of("w", closed));
    }

    @ParameterizedTest
    @MethodSource("arraysThatCannotBeWritten")
    void unsuitableArrayIsRefusedBeforeAnythingIsWritten(Map<String, INDArray> tensors) throws IOException {
        assertThrows(IllegalArgumentException.class, () -> SafetensorsWriter.write(file, tensors, DType.F32, Map.of()));
        assertOldFileUntouched();
    }

    @Test
    void integerTypeAndNullMetadataAreRefused() throws IOException {
        Map<String, INDArray> tensors = Map.of("w", Nd4j.ones(DataType.FLOAT, 2));
        assertThrows(IllegalArgumentException.class, () -> SafetensorsWriter.write(file, tensors, DType.I32, Map.of()));
        Map<String, String> metadata = new HashMap<>();
        metadata.put("format", null);
        assertThrows(NullPointerException.class, () -> SafetensorsWriter.write(file, tensors, DType.F32, metadata));
        assertOldFileUntouched();
    }

    /** Fails in the second tensor, when the first is in the temporary file already. */
    @Test
    void valueOutOfRangeIsNamedAndTheOldFileStays() throws IOException {
        INDArray large = Nd4j.ones(DataType.FLOAT, 10).putScalar(7, 70_000);
        Map<String, INDArray> tensors = Map.of("a", Nd4j.ones(DataType.FLOAT, 1000), "b", large);
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> SafetensorsWriter.write(file, tensors, DType.F16, Map.of()))
                .getMessage();
        assertTrue(message.contains("'b', element 7: 70000.0 is beyond the range of F16"), message);
        assertOldFileUntouched();
    }

    /** An interrupt closes the channel under the writer: the device error that a test can cause. */
    @Test
    void interruptedWriteLeavesTheOldFile() throws IOException {
        UncheckedIOException failure = assertThrows(
                UncheckedIOException.class,
                () -> AtomicFile.write(file, channel -> {
                    Thread.currentThread().interrupt();
                    AtomicFile.writeFully(channel, ByteBuffer.allocate(1000));
                }));
        assertTrue(Thread.interrupted(), "the interrupt must stay visible to the caller");
        assertTrue(failure.getMessage().contains(file.toString()), failure.getMessage());
        assertOldFileUntouched();
    }

    /** A thread that is asked to end writes its last checkpoint all the same. */
    @Test
    void anInterruptFromBeforeHindersNoWriteAndIsNotLost() {
        Thread.currentThread().interrupt();
        SafetensorsWriter.write(file, Map.of("w", Nd4j.ones(DataType.FLOAT, 1000)), DType.F32, Map.of());
        assertTrue(Thread.interrupted(), "the interrupt must stay visible to the caller");
        try (SafetensorsReader reader = SafetensorsReader.open(file)) {
            assertEquals(1000, reader.readFloats("w").length);
        }
    }

    @Test
    void failedRenameLeavesNoTemporaryFile() throws IOException {
        Path occupied = dir.resolve("occupied");
        Files.createDirectories(occupied.resolve("inhabitant"));
        Map<String, INDArray> tensors = Map.of("w", Nd4j.ones(DataType.FLOAT, 10));
        assertThrows(UncheckedIOException.class, () -> SafetensorsWriter.write(occupied, tensors, DType.F32, Map.of()));
        Files.delete(occupied.resolve("inhabitant"));
        Files.delete(occupied);
        assertOldFileUntouched();
    }

    private void assertOldFileUntouched() throws IOException {
        assertArrayEquals(OLD, Files.readAllBytes(file));
        assertOnlyTheFileIsLeft();
    }

    private void assertOnlyTheFileIsLeft() throws IOException {
        try (Stream<Path> list = Files.list(dir)) {
            assertEquals(List.of(file), list.toList());
        }
    }
}
