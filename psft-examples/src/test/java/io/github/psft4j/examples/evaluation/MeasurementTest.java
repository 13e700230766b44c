package io.github.psft4j.examples.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MeasurementTest {

    @Test
    void theStandardErrorOfSharesIsMcNemars() {
        // Of n = 10 problems the first model alone solves b = 3, the second alone c = 1; the variance is
        // (b + c - (b - c)^2 / n) / (n (n - 1)).
        Measurement first = Measurement.share(solved(1, 1, 1, 1, 1, 0, 0, 0, 0, 0));
        Measurement second = Measurement.share(solved(1, 1, 0, 0, 0, 1, 0, 0, 0, 0));
        Difference difference = first.minus(second);
        assertEquals(0.2, difference.value(), 1e-15);
        assertEquals(Math.sqrt((3 + 1 - 4 / 10.0) / (10 * 9)), difference.standardError(), 1e-15);
        assertFalse(difference.isBeyondNoise());
    }

    @Test
    void meansPerTokenWeighTokensEqually() {
        Measurement measurement = new Measurement(new double[] {1, 9}, new int[] {1, 3});
        assertEquals(2.5, measurement.value(), 1e-15);
        assertEquals(2, measurement.problems());
        Measurement pooled = Measurement.pooled(List.of(measurement, Measurement.share(solved(1, 1))));
        assertEquals(12 / 6.0, pooled.value(), 1e-15);
        assertEquals(4, pooled.problems());
    }

    @Test
    void theStandardErrorIsTheScatterOfTheDifferenceOverDrawsOfProblems() {
        Random random = new Random(5);
        int repetitions = 4000;
        double sum = 0;
        double squares = 0;
        double predicted = 0;
        for (int i = 0; i < repetitions; i++) {
            Difference difference = draw(random);
            sum += difference.value();
            squares += difference.value() * difference.value();
            predicted += difference.standardError();
        }
        double mean = sum / repetitions;
        double scatter = Math.sqrt(squares / repetitions - mean * mean);
        assertEquals(1, predicted / repetitions / scatter, 0.05);
    }

    @Test
    void aModelDoesNotDifferFromItself() {
        Measurement measurement = new Measurement(new double[] {0.3, 0.7, 0.1}, new int[] {3, 2, 5});
        assertTrue(measurement.minus(measurement).isNil());
        assertFalse(measurement.minus(measurement).isBeyondNoise());
    }

    @Test
    void measurementsOfDifferentProblemsAreNotCompared() {
        Measurement two = Measurement.share(solved(1, 0));
        assertThrows(IllegalArgumentException.class, () -> two.minus(Measurement.share(solved(1))));
        assertThrows(IllegalArgumentException.class, () -> new Measurement(new double[] {1}, new int[] {0}));
        assertThrows(IllegalArgumentException.class, () -> new Measurement(new double[] {1}, new int[] {1, 1}));
    }

    /** Two models on 40 problems of unequal length; hardness is shared, the second model uses fewer tokens. */
    private static Difference draw(Random random) {
        double[][] sums = new double[2][40];
        int[][] counts = new int[2][40];
        for (int i = 0; i < 40; i++) {
            double hardness = random.nextDouble();
            for (int model = 0; model < 2; model++) {
                counts[model][i] = 4 + random.nextInt(8) - 2 * model;
                sums[model][i] = counts[model][i] * (hardness + 0.3 * random.nextDouble());
            }
        }
        return new Measurement(sums[0], counts[0]).minus(new Measurement(sums[1], counts[1]));
    }

    private static boolean[] solved(int... values) {
        boolean[] solved = new boolean[values.length];
        for (int i = 0; i < values.length; i++) {
            solved[i] = values[i] == 1;
        }
        return solved;
    }
}
