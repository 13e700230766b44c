package io.github.psft4j.losses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.losses.regularizer.EntropyBonus;
import io.github.psft4j.losses.regularizer.ZLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * Every objective against PyTorch autograd, through the kernels of training. System property {@code psft.golden.losses}
 * names another file of the same form; the JSON file beside it holds the parameters of each row.
 */
class LossFamilyGoldenTest {

    private static final Path FILE =
            Path.of(System.getProperty("psft.golden.losses", "src/test/resources/golden/losses/family.safetensors"));
    private static final int CHUNK = 7;

    private static JsonNode description() {
        try {
            String name = FILE.getFileName().toString().replace(".safetensors", ".json");
            return new ObjectMapper().readTree(Files.readString(FILE.resolveSibling(name)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static Stream<Arguments> rows() {
        Stream.Builder<Arguments> rows = Stream.builder();
        for (Iterator<String> names = description().get("objectives").fieldNames(); names.hasNext(); ) {
            String name = names.next();
            rows.add(Arguments.of(name, DataType.DOUBLE, 1e-10));
            rows.add(Arguments.of(name, DataType.FLOAT, 1e-4));
        }
        return rows.build();
    }

    /**
     * The objective of a row; where the row is a sum, the parameter of the JSON file is the weight of its second term.
     */
    private static TokenObjective objective(String row) {
        Map<String, Object> given = new HashMap<>();
        description().get("objectives").get(row).fields().forEachRemaining(field -> {
            if (!field.getValue().isTextual()) { // notes and layouts are text
                given.put(field.getKey(), field.getValue().numberValue());
            }
        });
        if (row.startsWith("psft")) {
            return ObjectiveRegistry.create("psft", given);
        }
        if (row.startsWith("ppo")) {
            return ObjectiveRegistry.create("ppo-clip", given);
        }
        switch (row) {
            case "sft_forward_kl", "sft_reverse_kl", "sft_k1", "sft_k2", "sft_k3" -> {
                given.put("divergence", row.split("_")[1]);
                return ObjectiveRegistry.create("sft-kl", given);
            }
            case "z_loss" -> {
                return new SftObjective().plus((Double) given.get("weight"), new ZLoss());
            }
            case "entropy_bonus" -> {
                return new SftObjective().plus((Double) given.get("beta"), new EntropyBonus());
            }
            case "sed_sft" -> given.put("lambda", given.remove("lam"));
            default -> {
                // names and parameters are those of the registry
            }
        }
        return ObjectiveRegistry.create(row, given);
    }

    private static Sweeps sweeps(SafetensorsReader golden) {
        long[] shape = golden.info("logits").shape();
        Sweeps sweeps = new Sweeps(
                (int) shape[0],
                (int) shape[1],
                (int) shape[2],
                golden.readDoubles("logits"),
                golden.readDoubles("ref_logits"),
                Arrays.stream(golden.readInts("labels")).asDoubleStream().toArray(),
                golden.readDoubles("mask"));
        sweeps.columns.put(Column.OLD_LOG_PROB, golden.readDoubles("old_logprob"));
        sweeps.columns.put(Column.REF_LOG_PROB, golden.readDoubles("ref_logprob"));
        sweeps.columns.put(Column.ADVANTAGE, golden.readDoubles("advantage"));
        return sweeps;
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("rows")
    void valueAndGradientMatchPyTorch(String row, DataType type, double tolerance) {
        TokenObjective objective = objective(row);
        try (SafetensorsReader golden = SafetensorsReader.open(FILE)) {
            for (int chunk : new int[] {Integer.MAX_VALUE, CHUNK}) {
                Sweeps.Result result = sweeps(golden).run(objective, Aggregation.SUM, type, chunk);
                assertClose(golden.readDoubles(row + ".loss"), result.losses(), tolerance, "loss");
                assertClose(golden.readDoubles(row + ".grad"), result.gradient(), tolerance, "gradient");
            }
        }
    }

    @Test
    void theFileOfThisRepositoryHoldsThirtyObjectives() {
        long rows = rows().count() / 2;
        assertTrue(rows >= 30 || !FILE.endsWith("src/test/resources/golden/losses/family.safetensors"), "" + rows);
    }

    /** Relative above 1, absolute below. */
    private static void assertClose(double[] expected, double[] actual, double tolerance, String what) {
        assertEquals(expected.length, actual.length, what);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(
                    expected[i], actual[i], tolerance * Math.max(1, Math.abs(expected[i])), what + ", element " + i);
        }
    }
}
