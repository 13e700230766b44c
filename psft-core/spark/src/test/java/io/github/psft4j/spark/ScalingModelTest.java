package io.github.psft4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
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

    private static double mean(ScalingModel model, int nodes, ScalingModel.Faults faults) {
        Random random = new Random(1);
        double sum = 0;
        for (int step = 0; step < STEPS; step++) {
            sum += model.simulated(nodes, faults, random);
        }
        return sum / STEPS;
    }
}
