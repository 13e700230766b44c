package io.github.psft4j.examples.experiment.run;

import java.util.Arrays;
import java.util.Map;

/**
 * What is kept of one run of SmolLM2.
 *
 * @param seed of order and samples
 * @param seconds of the run
 * @param rows by quantity, what each row adds to the mean over the rows
 * @param steps by optimizer step: grad norm, NLL, entropy and clip fraction; ten-thousandths
 */
public record SmolResult(long seed, double seconds, Map<String, double[]> rows, Map<String, int[]> steps)
        implements Recorded {

    private static final double UNIT = 1e-4;

    /** The mean over the steps from {@code from} on; NaN without steps. */
    public double meanOfSteps(String quantity, double from) {
        int[] values = steps.getOrDefault(quantity, new int[0]);
        return Arrays.stream(values, (int) (from * values.length), values.length)
                        .average()
                        .orElse(Double.NaN)
                * UNIT;
    }
}
