package io.github.psft4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The formula of docs/spark.md predicts a simulated step, and what faults add to it is bounded. */
class ScalingModelTest {

    private static final int STEPS = 200;

    @ParameterizedTest
    @CsvSource({
        "0.3, 20e6, 125e6",
        "0.3, 20e6, 12.5e9",
        "2, 540e6, 1.25e9",
        "20, 40e6, 1.25e9",
        "20, 4e9, 12.5e9",
        "150, 170e6, 1.25e9"
    })
    void aStepTakesWhatTheFormulaSays(double slice, double bytes, double link) {
        ScalingModel model = new ScalingModel(64, slice, bytes, link, 1e-9, 5e-3);
        for (int nodes : new int[] {1, 2, 4, 8, 16, 32, 64}) {
            double expected = model.seconds(nodes);
            double simulated = mean(model, nodes, ScalingModel.Faults.NONE);
            assertEquals(expected, simulated, 0.1 * expected, nodes + " nodes");
        }
    }

    /** The slowest of the tasks, a straggler, and a repeated task behind its detection: nothing worse. */
    @ParameterizedTest
    @CsvSource({"2, 20e6, 1.25e9", "20, 40e6, 1.25e9"})
    void faultsCostAtMostTheRepeatedTasks(double slice, double bytes, double link) {
        ScalingModel model = new ScalingModel(64, slice, bytes, link, 1e-9, 5e-3);
        ScalingModel.Faults faults = new ScalingModel.Faults(0.1, 0.01, 0.002, 10);
        for (int nodes : new int[] {2, 8, 64}) {
            double without = model.seconds(nodes);
            double with = mean(model, nodes, faults);
            double task = Math.ceil(64.0 / nodes) * slice;
            assertTrue(with > without, nodes + " nodes: " + with + " with faults, " + without + " without");
            assertTrue(with < without + 2 * task + 10, nodes + " nodes: " + with + ", without faults " + without);
        }
    }

    /**
     * Speed-up of a step of 64 slices of 1024 tokens over one node, by the formula; see docs/spark.md for what is
     * assumed.
     */
    private static List<String> table() {
        List<String> out = new ArrayList<>();
        for (double billions : new double[] {0.1, 1, 8}) {
            for (boolean lora : new boolean[] {false, true}) {
                double parameters = billions * 1e9;
                double slice = (lora ? 4 : 6) * parameters * 1024 / 50e9;
                double bytes = 4 * parameters * (lora ? 0.01 : 1);
                for (int gigabits : new int[] {1, 10, 100}) {
                    ScalingModel model = new ScalingModel(64, slice, bytes, gigabits * 1e9 / 8, 1e-9, 5e-3);
                    StringBuilder row = new StringBuilder(String.format(
                            Locale.ROOT,
                            "| %.1f B, %s | %d | %.0f |",
                            billions,
                            lora ? "LoRA" : "full",
                            gigabits,
                            model.seconds(1)));
                    for (int nodes : new int[] {2, 4, 8, 16, 32, 64}) {
                        row.append(String.format(Locale.ROOT, " %.1f |", model.seconds(1) / model.seconds(nodes)));
                    }
                    out.add(row.toString());
                }
            }
        }
        return out;
    }

    @Test
    void theTableOfTheDocumentationIsTheFormula() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("../../docs/spark.md")).stream()
                .filter(line -> line.matches("\\| [0-9.]+ B, (full|LoRA) .*"))
                .toList();
        assertEquals(String.join("\n", table()), String.join("\n", rows));
    }

    private static double mean(ScalingModel model, int nodes, ScalingModel.Faults faults) {
        Random random = new Random(1);
        double sum = 0;
        for (int step = 0; step < STEPS; step++) {
            sum += model.simulated(nodes, faults, random);
        }
        return sum / STEPS;
    }
}
