package io.github.psft4j.dl4jzip;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** A DL4J zip is read as DL4J reads it, or refused by name; nothing in it is run. */
class Dl4jZipTest {

    @TempDir
    Path dir;

    private ComputationGraph graph;
    private Path file;
    private Map<String, byte[]> entries;

    @BeforeEach
    void aTrainedNetwork() throws IOException {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(1e-2))
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(5))
                .addLayer("hidden", new DenseLayer.Builder().nOut(7).build(), "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .build();
        graph = new ComputationGraph(configuration);
        graph.init();
        INDArray x = Nd4j.createFromArray(new float[][] {{1, 2, 3, 4, 5}, {5, 4, 3, 2, 1}});
        INDArray y = Nd4j.createFromArray(new float[][] {{1, 0, 0}, {0, 1, 0}});
        graph.fit(new INDArray[] {x}, new INDArray[] {y});
        file = dir.resolve("net.zip");
        ModelSerializer.writeModel(graph, file.toFile(), true);
        entries = unzip(file);
    }

    @Test
    void weightsMomentsAndOutputsAreThoseThatDl4jWrote() {
        ComputationGraph read = Dl4jZip.read(file);
        assertArrayEquals(
                graph.params().dup().data().asFloat(),
                read.params().dup().data().asFloat());
        assertArrayEquals(
                graph.getUpdater().getUpdaterStateViewArray().dup().data().asFloat(),
                read.getUpdater().getUpdaterStateViewArray().dup().data().asFloat());
        INDArray x = Nd4j.createFromArray(new float[][] {{3, 1, 4, 1, 5}});
        assertExact(graph.outputSingle(x), read.outputSingle(x));
    }

    @Test
    void ourOwnNetworksAreRead() throws IOException {
        DecoderConfig config = DecoderConfig.builder()
                .vocabSize(19)
                .hiddenSize(16)
                .intermediateSize(20)
                .layers(1)
                .heads(4)
                .kvHeads(2)
                .maxPositions(16)
                .build();
        CausalLm model = CausalLm.create(config, null, 5);
        Path zip = dir.resolve("ours.zip");
        ModelSerializer.writeModel(model.graph(), zip.toFile(), false);
        float[] weights = Dl4jZip.read(zip).params().dup().data().asFloat();
        assertArrayEquals(model.graph().params().dup().data().asFloat(), weights);
    }

    @Test
    void entriesBeyondTheNetworkAreRefusedByName() throws IOException {
        for (String name : new String[] {
            "preprocessor.bin", "normalizer.bin", "../configuration.json", "extra", "a/", "noParams.marker"
        }) {
            Map<String, byte[]> more = new LinkedHashMap<>(entries);
            more.put(name, new byte[0]);
            refused(zip(more), name);
        }
    }

    @Test
    void classesOutsideTheAllowedPackagesAreRefusedByName() throws IOException {
        String json = new String(entries.get("configuration.json"), StandardCharsets.UTF_8);
        String layer = "org.deeplearning4j.nn.conf.layers.DenseLayer";
        assertTrue(json.contains('"' + layer + '"'), json);
        for (String name : new String[] {
            "javax.swing.JEditorPane",
            "org.deeplearning4j.nn.modelimport.X",
            "org.deeplearning4j.nn.conf.layers.DenseLayer[]",
            "io.github.psft4jevil.X",
            ""
        }) {
            refused(with("configuration.json", json.replace('"' + layer + '"', '"' + name + '"')), "\"" + name + "\"");
        }
        // The first is harmless; DL4J would take the second.
        String twice = "\"@class\":\"" + layer + "\",\"@class\":\"javax.swing.JEditorPane\"";
        refused(
                with("configuration.json", json.replaceFirst("\"@class\" *: *\"" + layer + "\"", twice)),
                "Duplicate field");
        refused(
                with(
                        "configuration.json",
                        json.replaceFirst("\"@class\" *: *\"" + layer + "\"", "\"@class\":[\"" + layer + "\"]")),
                "class");
        refused(with("configuration.json", "[".repeat(100_000)), "nesting depth");
        refused(with("configuration.json", "{}"), "is no ComputationGraph");
    }

    @Test
    void bombsAreNotUnpacked() throws IOException {
        refused(with("configuration.json", new byte[20 << 20]), "longer than it may be");
        byte[] long1 = vector(Long.MAX_VALUE / 8, "FLOAT", 0);
        refused(with("coefficients.bin", long1), "more than the 500000000 that are allowed");
        refused(with("coefficients.bin", vector(400_000_000, "FLOAT", 10)), "packed ones can hold");
        refused(with("coefficients.bin", vector(66, "FLOAT", 10)), "coefficients.bin ends too early");
        String json = new String(entries.get("configuration.json"), StandardCharsets.UTF_8);
        String huge = json.replaceFirst("\"nin\" *: *5", "\"nin\" : 2000000000");
        assertFalse(huge.equals(json), json);
        refused(with("configuration.json", huge), "is no ComputationGraph"); // its weights are not made to find out
        refused(with("coefficients.bin", vector(66, "FLOAT", 30 << 20)), "longer than it may be");
        refused(with("coefficients.bin", vector(9, "FLOAT", 36)), "is no ComputationGraph");
        refused(with("coefficients.bin", vector(67, "FLOAT", 268)), "expected length 66, got length 67");
        refused(with("coefficients.bin", vector(66, "UTF8", 66)), "is of UTF8");
        refused(with("coefficients.bin", vector(-5, "FLOAT", 0)), "place 2 of its shape");
        refused(with("updaterState.bin", vector(7, "FLOAT", 28)), "updaterState.bin has 7 numbers");
        assertTrue(assertThrows(ModelFormatException.class, () -> Dl4jZip.read(file, 65))
                .getMessage()
                .contains("66 numbers, more than the 65"));
    }

    @Test
    void tornZipsAreRefused() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            Path torn = Files.write(dir.resolve("torn.zip"), Arrays.copyOf(whole, random.nextInt(whole.length)));
            assertThrows(ModelFormatException.class, () -> Dl4jZip.read(torn));
        }
        for (int i = 0; i < 300; i++) {
            byte[] flipped = whole.clone();
            flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
            Path changed = Files.write(dir.resolve("changed.zip"), flipped);
            try {
                // What a reader does not look at, such as times, may change; what it reads may not.
                assertExact(graph.params(), Dl4jZip.read(changed).params());
            } catch (ModelFormatException refused) {
                assertFalse(refused.getMessage().isBlank());
            }
        }
    }

    @Test
    void aNameThatIsThereTwiceIsRefused() throws IOException {
        Map<String, byte[]> more = new LinkedHashMap<>(entries);
        more.put("configuration.jsoN", "{}".getBytes(StandardCharsets.UTF_8));
        byte[] bytes = Files.readAllBytes(zip(more));
        String text =
                new String(bytes, StandardCharsets.ISO_8859_1).replace("configuration.jsoN", "configuration.json");
        refused(Files.write(dir.resolve("twice.zip"), text.getBytes(StandardCharsets.ISO_8859_1)), "twice");
    }

    /** An object that would tell if it were made. */
    private static final class Witness implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void othersMayGoOnDeserialising() throws Exception {
        Dl4jZip.read(file);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(new Witness());
        assertEquals(
                Witness.class,
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))
                        .readObject()
                        .getClass());
    }

    private void refused(Path zip, String part) {
        String message = assertThrows(ModelFormatException.class, () -> Dl4jZip.read(zip), part)
                .getMessage();
        assertTrue(message.contains(part) && message.startsWith(zip.toString()), message);
    }

    private Path with(String name, String text) throws IOException {
        return with(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private Path with(String name, byte[] content) throws IOException {
        Map<String, byte[]> changed = new LinkedHashMap<>(entries);
        changed.put(name, content);
        return zip(changed);
    }

    private Path zip(Map<String, byte[]> content) throws IOException {
        Path zip = dir.resolve("hostile.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (Map.Entry<String, byte[]> entry : content.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
        return zip;
    }

    private static Map<String, byte[]> unzip(Path zip) throws IOException {
        Map<String, byte[]> out = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                out.put(entry.getName(), in.readAllBytes());
            }
        }
        return out;
    }

    /** A vector [1, n] that claims n numbers and has so many bytes of them. */
    private static byte[] vector(long n, String type, int bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(out);
        data.writeUTF("MIXED_DATA_TYPES");
        data.writeLong(8);
        data.writeUTF("LONG");
        ByteBuffer shape = ByteBuffer.allocate(64);
        for (long value : new long[] {2, 1, n, n, 1, 0, 1, 'c'}) {
            shape.putLong(value);
        }
        data.write(shape.array());
        data.writeUTF("MIXED_DATA_TYPES");
        data.writeLong(n);
        data.writeUTF(type);
        data.write(new byte[bytes]);
        return out.toByteArray();
    }
}
