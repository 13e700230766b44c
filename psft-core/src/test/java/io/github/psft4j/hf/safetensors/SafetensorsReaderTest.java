package io.github.psft4j.hf.safetensors;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.hf.ModelFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Values: against Python, per type, into views, into every kind of array. */
class SafetensorsReaderTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final String K_PROJ = "model.layers.1.self_attn.k_proj.weight"; // F32 [16, 32]

    @TempDir
    Path dir;

    /** Constants printed by the Python package safetensors 0.8 with numpy. */
    @Test
    void goldenFilesHoldTheNumbersThatPythonReads() {
        try (SafetensorsReader model = SafetensorsReader.open(GOLDEN.resolve("llama-tiny/model.safetensors"));
                SafetensorsReader golden = SafetensorsReader.open(GOLDEN.resolve("llama-tiny/golden.safetensors"));
                SafetensorsReader family = SafetensorsReader.open(GOLDEN.resolve("losses/family.safetensors"))) {
            assertEquals(Map.of("format", "pt"), model.metadata());
            float[] weights = model.readFloats(K_PROJ);
            assertEquals(16 * 32, weights.length);
            assertEquals(-0.035740822553634644f, weights[0]);
            assertEquals(-0.09868843108415604f, weights[511]);
            assertEquals(-3.070841715205461, sum(model.readDoubles(K_PROJ)), 1e-12);
            assertArrayEquals(new long[] {3, 24, 97}, golden.info("logits").shape());
            assertEquals(-136.44599734593066, sum(golden.readDoubles("logits")), 1e-9);
            assertEquals(2976, Arrays.stream(golden.readInts("input_ids")).sum());
            assertArrayEquals(new long[] {96, 63, 83}, Arrays.copyOf(golden.readLongs("input_ids"), 3));
            double[] advantage = family.readDoubles("advantage"); // F64
            assertEquals(0.3897818733610336, advantage[0]);
            assertEquals(-1.4566262474569742, advantage[23]);
        }
    }

    @Test
    void everyTypeIsDecoded() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        data.putDouble(Math.PI).putDouble(Double.NaN);
        data.putFloat(-0f).putFloat(Float.MIN_VALUE);
        data.putShort((short) 0x3c01)
                .putShort((short) 0x8001)
                .putShort((short) 0x7bff)
                .putShort((short) 0xfc00);
        data.putShort((short) 0x3f81).putShort((short) 0xff80);
        data.putLong(1L << 40).putInt(-7).putShort((short) -300).put((byte) -1).put((byte) -1);
        data.put((byte) 0).put((byte) 2);
        String header = "{" + entry("f64", "F64", 2, 0, 16) + "," + entry("f32", "F32", 2, 16, 24) + ","
                + entry("f16", "F16", 4, 24, 32) + "," + entry("bf16", "BF16", 2, 32, 36) + ","
                + entry("i64", "I64", 1, 36, 44) + "," + entry("i32", "I32", 1, 44, 48) + ","
                + entry("i16", "I16", 1, 48, 50) + "," + entry("i8", "I8", 1, 50, 51) + ","
                + entry("u8", "U8", 1, 51, 52) + "," + entry("bool", "BOOL", 2, 52, 54) + "}";
        try (SafetensorsReader file = open(header, Arrays.copyOf(data.array(), data.position()))) {
            assertArrayEquals(new double[] {Math.PI, Double.NaN}, file.readDoubles("f64"));
            assertArrayEquals(new float[] {(float) Math.PI, Float.NaN}, file.readFloats("f64"));
            assertArrayEquals(new float[] {-0f, Float.MIN_VALUE}, file.readFloats("f32"));
            assertArrayEquals(
                    new float[] {1.0009765625f, -0x1p-24f, 65504f, Float.NEGATIVE_INFINITY}, file.readFloats("f16"));
            assertArrayEquals(new float[] {1.0078125f, Float.NEGATIVE_INFINITY}, file.readFloats("bf16"));
            assertArrayEquals(new long[] {1L << 40}, file.readLongs("i64"));
            assertArrayEquals(new int[] {-7}, file.readInts("i32"));
            assertArrayEquals(new int[] {-300}, file.readInts("i16"));
            assertArrayEquals(new int[] {-1}, file.readInts("i8"));
            assertArrayEquals(new int[] {255}, file.readInts("u8"));
            assertArrayEquals(new int[] {0, 1}, file.readInts("bool"));
            assertRefused("element 0 is 1099511627776", () -> file.readInts("i64"));
            assertRefused("tensor 'f32' is F32, not an integer type", () -> file.readInts("f32"));
            assertRefused("tensor 'i32' is I32, where a floating-point type", () -> file.readFloats("i32"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void viewOfFlatParametersIsFilledAndItsNeighboursAreNot(DataType type) {
        INDArray flat = Nd4j.valueArrayOf(new long[] {600}, 7.0, type);
        INDArray view = flat.get(NDArrayIndex.interval(40, 40 + 512)).reshape('c', 16, 32);
        try (SafetensorsReader file = SafetensorsReader.open(GOLDEN.resolve("llama-tiny/model.safetensors"))) {
            file.readInto(K_PROJ, view);
            double[] expected = new double[600];
            Arrays.fill(expected, 7.0);
            System.arraycopy(file.readDoubles(K_PROJ), 0, expected, 40, 512);
            assertArrayEquals(expected, flat.toDoubleVector());
        }
    }

    @Test
    void stridedTargetsAreFilledInRowMajorOrder() {
        try (SafetensorsReader file = SafetensorsReader.open(GOLDEN.resolve("llama-tiny/model.safetensors"))) {
            double[] expected = file.readDoubles(K_PROJ);
            INDArray transposed = Nd4j.zeros(DataType.FLOAT, 32, 16).transpose(); // a DL4J weight [in, out]
            INDArray parent = Nd4j.zeros(DataType.FLOAT, 20, 40);
            INDArray window = parent.get(NDArrayIndex.interval(2, 18), NDArrayIndex.interval(3, 35));
            INDArray fortran = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {16, 32}, 'f');
            for (INDArray target : new INDArray[] {transposed, window, fortran}) {
                file.readInto(K_PROJ, target);
                for (int i = 0; i < 512; i++) {
                    assertEquals(expected[i], target.getDouble(i / 32, i % 32), "element " + i);
                }
            }
            window.assign(0);
            assertEquals(0.0, parent.norm1Number().doubleValue(), "elements around the window changed");
        }
    }

    @Test
    void tensorsOfMoreThanOneChunkArriveWhole() {
        double[] values = new Random(1).doubles(3L * TensorMemory.CHUNK + 17).toArray();
        INDArray source = Nd4j.createFromArray(values);
        Path path = dir.resolve("chunks.safetensors");
        SafetensorsWriter.write(path, Map.of("w", source), DType.F64, Map.of());
        try (SafetensorsReader file = SafetensorsReader.open(path)) {
            INDArray target = Nd4j.createUninitialized(DataType.DOUBLE, values.length);
            file.readInto("w", target);
            assertArrayEquals(values, target.toDoubleVector());
            assertArrayEquals(values, file.readDoubles("w"));
        }
    }

    /** The path of other backends, run on this one. */
    @Test
    void stagedAccessGivesWhatDirectAccessGives() {
        INDArray source = Nd4j.rand(DataType.FLOAT, 300, 500).transpose(); // more than one chunk, strided
        double[] direct = new double[TensorMemory.CHUNK];
        double[] staged = new double[TensorMemory.CHUNK];
        new TensorMemory.Direct(source).get(TensorMemory.CHUNK, direct, TensorMemory.CHUNK);
        new TensorMemory.Staged(source).get(TensorMemory.CHUNK, staged, TensorMemory.CHUNK);
        assertArrayEquals(direct, staged);
        Path path = dir.resolve("staged.safetensors");
        SafetensorsWriter.write(path, Map.of("w", source), DType.F32, Map.of());
        INDArray target = Nd4j.zeros(DataType.FLOAT, 300, 500).transpose();
        try (SafetensorsReader file = SafetensorsReader.open(path)) {
            file.readInto(file.info("w"), new TensorMemory.Staged(target));
        }
        assertExact(source, target);
    }

    @Test
    void whatDoesNotFitIsRefusedByName() {
        try (SafetensorsReader file = SafetensorsReader.open(GOLDEN.resolve("llama-tiny/model.safetensors"))) {
            file.readInto("model.norm.weight", Nd4j.create(DataType.FLOAT, 1, 32)); // [32] into a DL4J row
            assertRefused(
                    "tensor '" + K_PROJ + "' has shape [16, 32], the model needs [32, 16]",
                    () -> file.readInto(K_PROJ, Nd4j.create(DataType.FLOAT, 32, 16)));
            assertRefused("no tensor 'lm_head.bias' among its 21", () -> file.info("lm_head.bias"));
            INDArray half = Nd4j.create(DataType.FLOAT16, 16, 32);
            assertTrue(assertThrows(IllegalArgumentException.class, () -> file.readInto(K_PROJ, half))
                    .getMessage()
                    .contains("is HALF"));
        }
    }

    @Test
    void fileCutAfterOpeningIsReported() throws IOException {
        Path path = dir.resolve("cut.safetensors");
        Files.copy(GOLDEN.resolve("llama-tiny/model.safetensors"), path);
        try (SafetensorsReader file = SafetensorsReader.open(path)) {
            byte[] whole = Files.readAllBytes(path);
            Files.write(path, Arrays.copyOf(whole, whole.length - 1));
            assertRefused("truncated while being read", () -> file.readFloats("model.norm.weight"));
        }
    }

    private static void assertRefused(String reason, Runnable read) {
        String message = assertThrows(ModelFormatException.class, read::run).getMessage();
        assertTrue(message.contains(".safetensors: ") && message.contains(reason), message);
    }

    private static double sum(double[] values) {
        return Arrays.stream(values).sum();
    }

    private static String entry(String name, String dtype, int size, int begin, int end) {
        return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":[" + size + "],\"data_offsets\":[" + begin + ","
                + end + "]}";
    }

    private SafetensorsReader open(String header, byte[] data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json).put(data);
        return SafetensorsReader.open(Files.write(dir.resolve("types.safetensors"), bytes.array()));
    }
}
