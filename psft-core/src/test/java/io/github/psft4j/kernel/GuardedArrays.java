package io.github.psft4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Test arrays that are views into the middle of a larger flat array, as parameters and gradients are: a kernel that
 * forgets the offset reads NaN, and one that writes past its array is caught by {@link #assertGuardsIntact}.
 */
public final class GuardedArrays {

    private static final int GUARD = 7;

    private final DataType type;
    private final Random random;
    private final List<INDArray> bases = new ArrayList<>();

    public GuardedArrays(DataType type, long seed) {
        this.type = type;
        this.random = new Random(seed);
    }

    /** Standard normal numbers. */
    public INDArray normal(long... shape) {
        return scaledNormal(1, shape);
    }

    /** Normal numbers with the given standard deviation. */
    public INDArray scaledNormal(double deviation, long... shape) {
        double[] values = new double[Math.toIntExact(length(shape))];
        for (int i = 0; i < values.length; i++) {
            values[i] = deviation * random.nextGaussian();
        }
        return of(values, shape);
    }

    /** NaN everywhere: an output that must be overwritten. */
    public INDArray garbage(long... shape) {
        double[] values = new double[Math.toIntExact(length(shape))];
        Arrays.fill(values, Double.NaN);
        return of(values, shape);
    }

    /** The given numbers, rounded to the data type. */
    public INDArray of(double[] values, long... shape) {
        double[] padded = new double[values.length + 2 * GUARD];
        Arrays.fill(padded, Double.NaN);
        System.arraycopy(values, 0, padded, GUARD, values.length);
        INDArray base = Nd4j.createFromArray(padded).castTo(type);
        bases.add(base);
        return base.get(interval(GUARD, GUARD + values.length)).reshape('c', shape);
    }

    /** Fails if anything was written outside the arrays that were handed out. */
    public void assertGuardsIntact() {
        for (INDArray base : bases) {
            long n = base.length();
            for (int i = 0; i < GUARD; i++) {
                assertTrue(
                        Double.isNaN(base.getDouble(i)) && Double.isNaN(base.getDouble(n - 1 - i)),
                        "a kernel wrote outside its array");
            }
        }
    }

    public static double[] values(INDArray x) {
        return x.reshape('c', new long[] {x.length()}).toDoubleVector();
    }

    /**
     * Largest difference at most tolerance times the largest finite expected magnitude; NaN and infinities must be
     * equal.
     */
    public static void assertClose(double[] expected, double[] actual, double tolerance, String what) {
        assertEquals(expected.length, actual.length, what + ": length");
        double scale = Arrays.stream(expected)
                .filter(Double::isFinite)
                .map(Math::abs)
                .max()
                .orElse(0);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], tolerance * scale, what + "[" + i + "]");
        }
    }

    public static void assertClose(double[] expected, INDArray actual, double tolerance, String what) {
        assertClose(expected, values(actual), tolerance, what);
    }

    private static long length(long... shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }
}
