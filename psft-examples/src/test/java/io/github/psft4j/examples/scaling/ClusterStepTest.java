package io.github.psft4j.examples.scaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The formula of docs/spark.md predicts a simulated step, and what faults add to it. */
class ClusterStepTest {

    @ParameterizedTest
    @CsvSource({"0, 0, 0, 0", "0.1, 0, 0, 0", "0, 0.02, 0, 0", "0, 0, 0.005, 10", "0.1, 0.01, 0.002, 10"})
    void theFormulaIsTheSimulationOverTheWholeTable(double spread, double slow, double lost, double detection) {
        double off = ScalingTable.off(new Faults(spread, slow, lost, detection));
        assertTrue(off < 0.12, "off by " + off);
    }

    @Test
    void faultsCostTime() {
        ClusterStep step = new ClusterStep(64, 20, 40e6, 1.25e9, 2e-9, 1e-9, 5e-3, 0.1);
        for (int nodes : new int[] {1, 2, 8, 64}) {
            double simulated = new SimulatedStep(step, nodes, Faults.USUAL).mean(200, 1);
            assertTrue(simulated > 1.05 * step.seconds(nodes), nodes + " nodes: " + simulated);
        }
    }

    @Test
    void theTableOfTheDocumentationIsTheFormula() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("../docs/spark.md")).stream()
                .filter(line -> line.matches("\\| [0-9.]+ B, (full|LoRA) .*"))
                .toList();
        assertEquals(String.join("\n", ScalingTable.rows()), String.join("\n", rows));
    }
}
