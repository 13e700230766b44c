package io.github.psft4j.losses;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Asserts that numbers are near, relative above 1 and absolute below, and remembers the largest distance. */
final class Near {

    private double worst;

    void close(double expected, double actual, double tolerance, String what) {
        double scale = Math.max(1, Math.abs(expected));
        worst = Math.max(worst, Math.abs(expected - actual) / scale);
        assertEquals(expected, actual, tolerance * scale, what);
    }

    double worst() {
        return worst;
    }
}
