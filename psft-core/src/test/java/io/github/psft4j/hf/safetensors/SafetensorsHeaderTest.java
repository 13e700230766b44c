package io.github.psft4j.hf.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.psft4j.hf.ModelFormatException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every rule of the format: what is refused, with what message, and what must not be refused. */
class SafetensorsHeaderTest {
    @TempDir
    Path dir;

    static Stream<Arguments> brokenFiles() {
        return Stream.of(
                // the eight bytes of the length
                arguments("empty file", new byte[0], "has 0 bytes"),
                arguments("seven bytes", new byte[7], "has 7 bytes"),
                arguments("length 0", length(0), "does not start with '{'"),
                arguments("length beyond the file", length(3, "{}"), "header length 3 goes beyond the end of the file"),
                arguments("length over 100 MB", length(100_000_001, "{}"), "header length 100000001 exceeds 100000000"),
                arguments("length with the sign bit", length(-1, "{}"), "header length 18446744073709551615 exceeds"),
                // the JSON
                arguments("blank before the brace", file(" {}"), "does not start with '{'"),
                arguments("array", file("[]"), "does not start with '{'"),
                arguments("unclosed", file("{\"a\":"), "not the JSON of safetensors"),
                arguments("text after the brace", file("{} {}"), "after its closing brace"),
                arguments("bad UTF-8", withByte(file("{\"a?\":{}}"), 11, 0xff), "not valid UTF-8"),
                arguments(
                        "overlong UTF-8", withByte(withByte(file("{\"ab\":{}}"), 10, 0xc0), 11, 0x80), "not valid UTF"),
                arguments("duplicate tensor", file("{" + f32("a", 0, 4) + "," + f32("a", 0, 4) + "}", 4), "Duplicate"),
                arguments("duplicate field", tensor("\"dtype\":\"F32\",\"dtype\":\"F32\""), "Duplicate"),
                arguments("duplicate metadata", file("{\"__metadata__\":{},\"__metadata__\":{}}"), "Duplicate"),
                arguments(
                        "deep nesting", file("{\"a\":" + "[".repeat(3) + "]".repeat(3) + "}"), "a': found START_ARRAY"),
                arguments("bottomless", tensor("\"shape\":" + "[".repeat(100)), "depth"),
                // metadata
                arguments("metadata number", file("{\"__metadata__\":{\"step\":1}}"), "__metadata__.step: found"),
                arguments("metadata nested", file("{\"__metadata__\":{\"a\":{}}}"), "__metadata__.a: found"),
                arguments("metadata null", file("{\"__metadata__\":null}"), "__metadata__: found VALUE_NULL"),
                // fields of a tensor
                arguments("no dtype", tensor("\"shape\":[],\"data_offsets\":[0,4]"), "'a' lacks dtype"),
                arguments("no shape", tensor("\"dtype\":\"F32\",\"data_offsets\":[0,4]"), "'a' lacks shape"),
                arguments("no offsets", tensor("\"dtype\":\"F32\",\"shape\":[]"), "'a' lacks data_offsets"),
                arguments("unknown field", tensor("\"scale\":2"), "'a' has the field 'scale'"),
                arguments("unknown dtype", tensor("F8_E4M3", "1", "0,1"), "dtype: 'F8_E4M3' is not one of [F64, F32,"),
                arguments("dtype in lower case", tensor("f32", "1", "0,4"), "dtype: 'f32' is not one of"),
                arguments("dtype number", tensor("\"dtype\":32"), "dtype: found VALUE_NUMBER_INT"),
                arguments("shape number", tensor("\"shape\":1"), "shape: found VALUE_NUMBER_INT"),
                arguments("negative size", tensor("F32", "-1", "0,4"), "shape: -1 is not an integer from 0"),
                arguments("fractional size", tensor("F32", "1.0", "0,4"), "shape: 1.0 is not an integer"),
                arguments("size as text", tensor("F32", "\"1\"", "0,4"), "shape: 1 is not an integer"),
                arguments("size over 63 bits", tensor("F32", "9223372036854775808", "0,4"), "775808 is not an integer"),
                arguments("product overflows to 4", tensor("F32", "4611686018427387905,1", "0,4"), "overflows 64 bits"),
                arguments("product overflows to 0", tensor("F32", "4294967296,4294967296", "0,0"), "overflows 64 bits"),
                // offsets
                arguments("one offset", tensor("F32", "1", "4"), "data_offsets: [4] is not [begin, end]"),
                arguments("three offsets", tensor("F32", "1", "0,4,8"), "[0, 4, 8] is not [begin, end]"),
                arguments("reversed offsets", tensor("F32", "1", "4,0"), "[4, 0] is not [begin, end]"),
                arguments("offsets too wide", tensor("F32", "1", "0,8"), "are 8 bytes apart, but F32[1] takes 4"),
                arguments("offsets too narrow", tensor("F32", "2", "0,4"), "are 4 bytes apart, but F32[2] takes 8"),
                arguments("hole at the start", file("{" + f32("a", 4, 8) + "}", 8), "'a' begins at byte 4 of the data"),
                arguments("hole", file("{" + f32("a", 0, 4) + "," + f32("b", 8, 12) + "}", 12), "ends at 4 (hole)"),
                arguments("overlap", file("{" + f32("a", 0, 8) + "," + f32("b", 4, 12) + "}", 12), "at 8 (overlap)"),
                arguments("same bytes", file("{" + f32("a", 0, 4) + "," + f32("b", 0, 4) + "}", 4), "at 4 (overlap)"),
                arguments(
                        "empty inside another", file("{" + f32("a", 0, 8) + "," + f32("z", 4, 4) + "}", 8), "overlap"),
                arguments("data missing", file("{" + f32("a", 0, 8) + "}", 7), "take 8 bytes, but the file has 7"),
                arguments("data left over", file("{" + f32("a", 0, 8) + "}", 9), "take 8 bytes, but the file has 9"),
                arguments("data without tensors", file("{}", 1), "take 0 bytes, but the file has 1"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenFiles")
    void brokenFileIsRefusedByNameAndReason(String name, byte[] content, String reason) throws IOException {
        Path file = Files.write(dir.resolve("broken.safetensors"), content);
        String message = assertThrows(ModelFormatException.class, () -> SafetensorsReader.open(file))
                .getMessage();
        assertTrue(message.startsWith(file.toString()) && message.contains(reason), message);
        Files.delete(file); // fails on Windows if the refused file were still open
    }

    @Test
    void everyTruncationOfAGoodFileIsRefused() throws IOException {
        byte[] good = file("{" + f32("a", 0, 8) + "," + f32("b", 8, 12) + "}", 12);
        Path file = dir.resolve("torn.safetensors");
        for (int length = 0; length < good.length; length++) {
            Files.write(file, Arrays.copyOf(good, length));
            assertThrows(ModelFormatException.class, () -> SafetensorsReader.open(file), "cut to " + length);
        }
        Files.write(file, good);
        SafetensorsReader.open(file).close();
    }

    /** Whatever stands in the header: a named refusal, or tensors that cover the data exactly. */
    @Test
    void mutatedHeadersAreRefusedByNameOrConsistent() {
        String header = "{\"__metadata__\":{\"k\":\"v\"}," + f32("a", 0, 8) + "," + f32("bc", 8, 12) + "}";
        byte[] alphabet = "{}[]\":,0123456789-.eEaF \\\u00ff".getBytes(StandardCharsets.ISO_8859_1);
        Random random = new Random(7);
        int accepted = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] mutant = header.getBytes(StandardCharsets.UTF_8);
            for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
                mutant[random.nextInt(mutant.length)] = alphabet[random.nextInt(alphabet.length)];
            }
            try {
                SafetensorsHeader parsed = SafetensorsHeader.parse(Path.of("mutant"), mutant, 12);
                accepted++;
                assertEquals(
                        12,
                        parsed.tensors().values().stream()
                                .mapToLong(info -> Arrays.stream(info.shape()).reduce(1, Math::multiplyExact)
                                        * info.dtype().bytes())
                                .sum());
            } catch (ModelFormatException e) {
                assertTrue(e.getMessage().startsWith("mutant: "), e.getMessage());
            }
        }
        assertTrue(accepted > 500 && accepted < 10_000, "accepted " + accepted + ": the mutants test nothing");
    }

    @Test
    void missingFileIsNamed() {
        Path file = dir.resolve("absent.safetensors");
        String message = assertThrows(ModelFormatException.class, () -> SafetensorsReader.open(file))
                .getMessage();
        assertTrue(message.contains(file.toString()), message);
    }

    /** The reference writer puts an empty tensor where the next one starts; such files are legitimate. */
    @ParameterizedTest
    @ValueSource(strings = {"0,0", "4,4", "8,8"})
    void emptyTensorSharesABoundary(String offsets) throws IOException {
        String empty = "\"empty\":{\"dtype\":\"F16\",\"shape\":[3,0],\"data_offsets\":[" + offsets + "]}";
        try (SafetensorsReader reader = open("{" + f32("a", 0, 4) + "," + empty + "," + f32("b", 4, 8) + "}", 8)) {
            assertArrayEquals(new long[] {3, 0}, reader.info("empty").shape());
            assertEquals(0, reader.readFloats("empty").length);
        }
    }

    @Test
    void tensorsMayLieInAnyOrderAndAtOddPositions() throws IOException {
        String bool = "\"flag\":{\"dtype\":\"BOOL\",\"shape\":[],\"data_offsets\":[0,1]}";
        try (SafetensorsReader reader = open("{" + f32("late", 5, 9) + "," + bool + "," + f32("a", 1, 5) + "}", 9)) {
            assertEquals(List.of("late", "flag", "a"), List.copyOf(reader.names()));
            assertEquals(new TensorInfo("a", DType.F32, new long[] {1}, 1, 5), reader.info("a"));
            assertEquals(1, reader.info("flag").elements());
        }
    }

    @Test
    void metadataAndFileWithoutTensorsAreRead() throws IOException {
        try (SafetensorsReader reader = open("{\"__metadata__\":{\"format\":\"pt\",\"Ü\":\"\\u00fc\"}}   ", 0)) {
            assertEquals(Map.of("format", "pt", "Ü", "ü"), reader.metadata());
            assertTrue(reader.names().isEmpty());
        }
    }

    @Test
    void tensorsBeyond2GiBAreFound() throws IOException {
        long padding = (1L << 31) + 5; // sparse on the disk
        Path file = dir.resolve("large.safetensors");
        String header = "{\"pad\":{\"dtype\":\"U8\",\"shape\":[" + padding + "],\"data_offsets\":[0," + padding + "]},"
                + f32("a", padding, padding + 4) + "}";
        byte[] start = file(header);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(start);
            out.seek(start.length + padding);
            out.write(new byte[] {0, 0, (byte) 0xc0, 0x3f});
        }
        try (SafetensorsReader reader = SafetensorsReader.open(file)) {
            assertArrayEquals(new float[] {1.5f}, reader.readFloats("a"));
        }
    }

    private SafetensorsReader open(String header, int dataBytes) throws IOException {
        return SafetensorsReader.open(Files.write(dir.resolve("model.safetensors"), file(header, dataBytes)));
    }

    /** A file of header and zeros. */
    private static byte[] file(String header, int dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }

    private static byte[] file(String header) {
        return file(header, 0);
    }

    /** A file whose length field says {@code length}. */
    private static byte[] length(long length, String... header) {
        byte[] bytes = file(String.join("", header));
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        return bytes;
    }

    /** A file of one tensor named a with these fields and 4 bytes of data. */
    private static byte[] tensor(String fields) {
        return file("{\"a\":{" + fields + "}}", 4);
    }

    private static byte[] tensor(String dtype, String shape, String offsets) {
        return tensor("\"dtype\":\"" + dtype + "\",\"shape\":[" + shape + "],\"data_offsets\":[" + offsets + "]");
    }

    private static String f32(String name, long begin, long end) {
        return "\"" + name + "\":{\"dtype\":\"F32\",\"shape\":[" + (end - begin) / 4 + "],\"data_offsets\":[" + begin
                + "," + end + "]}";
    }

    private static byte[] withByte(byte[] bytes, int index, int value) {
        bytes[index] = (byte) value;
        return bytes;
    }
}
