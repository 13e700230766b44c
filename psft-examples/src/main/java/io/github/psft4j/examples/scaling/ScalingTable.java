package io.github.psft4j.examples.scaling;

import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints the table of docs/spark.md, by the formula with measured costs, and how far the simulation is from it.
 *
 * <p>A row has the seconds of a step of 64 slices of 1024 tokens on one node, and how many times as fast more nodes
 * are.
 *
 * <p>{@code java -cp "psft-examples/target/psft/lib/*" io.github.psft4j.examples.scaling.ScalingTable}
 */
public final class ScalingTable {

    private static final int SLICES = 64;
    private static final int TOKENS = 1024; // of a slice
    private static final int[] NODES = {2, 4, 8, 16, 32, 64};

    /** Floating-point operations per second of a core: SmolLM2-135M in bf16, docs/performance.md. */
    private static final double OPERATIONS = 125e9;

    /** Operations per parameter and token: forward and backward, with LoRA without gradients of frozen weights. */
    private static final int FULL = 6;

    private static final int LORA = 4;
    private static final double ADAPTER = 0.01; // of the parameters

    // Steps of SmolLM2's adapter on two executors of one loaded machine (docs/performance.md): at most this.
    private static final double WEIGHT_SECONDS = 11e-9;
    private static final double GRADIENT_SECONDS = 5e-9;
    private static final double STAGE_SECONDS = 0.18; // an adapter of 0.4 MB

    private static final double TASK_SECONDS = 5e-3; // assumed

    private ScalingTable() {}

    /** @param args none */
    public static void main(String[] args) {
        rows().forEach(System.out::println);
        System.out.println();
        System.out.println("the simulation differs by at most " + Shown.format("%.1f %%", 100 * off(Faults.NONE))
                + " from the formula, with faults by " + Shown.format("%.1f %%", 100 * off(Faults.USUAL)));
    }

    /** Rows of the table in Markdown. */
    static List<String> rows() {
        List<String> out = new ArrayList<>();
        for (double billions : new double[] {0.1, 1, 8}) {
            for (boolean lora : new boolean[] {false, true}) {
                for (int gigabits : new int[] {1, 10, 100}) {
                    ClusterStep step = step(billions, lora, gigabits);
                    StringBuilder row = new StringBuilder(Shown.format(
                            "| %.1f B, %s | %d | %.0f |", billions, lora ? "LoRA" : "full", gigabits, step.seconds(1)));
                    for (int nodes : NODES) {
                        row.append(Shown.format(" %.1f |", step.seconds(1) / step.seconds(nodes)));
                    }
                    out.add(row.toString());
                }
            }
        }
        return out;
    }

    private static ClusterStep step(double billions, boolean lora, int gigabits) {
        double parameters = billions * 1e9;
        return new ClusterStep(
                SLICES,
                (lora ? LORA : FULL) * parameters * TOKENS / OPERATIONS,
                Float.BYTES * parameters * (lora ? ADAPTER : 1),
                gigabits * 1e9 / 8,
                WEIGHT_SECONDS,
                GRADIENT_SECONDS,
                TASK_SECONDS,
                STAGE_SECONDS);
    }

    /** Largest relative difference of a simulated step from the formula over the table. */
    static double off(Faults faults) {
        double worst = 0;
        for (double billions : new double[] {0.1, 1, 8}) {
            for (boolean lora : new boolean[] {false, true}) {
                for (int gigabits : new int[] {1, 10, 100}) {
                    ClusterStep step = step(billions, lora, gigabits);
                    for (int nodes : NODES) {
                        double simulated = new SimulatedStep(step, nodes, faults).mean(60, 1);
                        worst = Math.max(worst, Math.abs(simulated / step.seconds(nodes, faults) - 1));
                    }
                }
            }
        }
        return worst;
    }
}
