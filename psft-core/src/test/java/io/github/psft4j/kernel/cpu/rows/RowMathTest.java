package io.github.psft4j.kernel.cpu.rows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.AdamWStep;
import io.github.psft4j.kernel.GuardedArrays;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TensorOpsTest;
import io.github.psft4j.kernel.WeightAndBias;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The two forms of the row kernels agree with each other; both are compared with scalar loops in {@link TensorOpsTest}.
 */
class RowMathTest {

    private static final int[] LENGTHS = {1, 2, 7, 15, 16, 17, 31, 33, 64, 100, 127, 255, 256, 683, 1024};

    private final RowMath plain = new PlainRows();
    private final Random random = new Random(5);
    private RowMath vector;

    @BeforeEach
    void needsTheModule() {
        assumeTrue(RowMathFactory.moduleLoaded(), "the Vector module is not loaded");
        vector = new VectorRows();
    }

    private float[] row(int n, double deviation) {
        float[] a = new float[n + random.nextInt(40)]; // some with room for a whole vector, some without
        Arrays.fill(a, Float.NaN);
        for (int i = 0; i < n; i++) {
            a[i] = (float) (deviation * random.nextGaussian());
        }
        return a;
    }

    /** Runs both forms on copies of the arrays and compares all of these, and what is returned. */
    private void assertAgree(String what, int n, Kernel kernel, float[]... arrays) {
        float[][] a = Arrays.stream(arrays).map(float[]::clone).toArray(float[][]::new);
        float[][] b = Arrays.stream(arrays).map(float[]::clone).toArray(float[][]::new);
        double x = kernel.run(plain, a);
        double y = kernel.run(vector, b);
        String at = what + " of " + n;
        assertEquals(x, y, 1e-5 * Math.max(1, Math.abs(x)), at);
        for (int k = 0; k < a.length; k++) {
            GuardedArrays.assertClose(first(a[k], n), first(b[k], n), 1e-5, at + ", array " + k);
        }
    }

    private interface Kernel {
        double run(RowMath rows, float[][] a);
    }

    private static double[] first(float[] a, int n) {
        double[] out = new double[n];
        Arrays.setAll(out, i -> a[i]);
        return out;
    }

    @Test
    void formsAgreeOnRowsOfAnyLength() {
        AdamWFactors step = AdamWFactors.of(new AdamWStep(1e-2, 0.9, 0.999, 0.1, 0.1, 0.5, 3));
        for (int n : LENGTHS) {
            float[] x = row(n, 1);
            float[] y = row(n, 1);
            float[] z = row(n, 1);
            float[] square = row(n, 1);
            for (int i = 0; i < n; i++) {
                square[i] *= square[i];
            }
            assertAgree("sum", n, (r, a) -> r.sum(a[0], n), square);
            assertAgree("dot", n, (r, a) -> r.dot(a[0], a[1], n), square, square);
            assertAgree("max", n, (r, a) -> r.max(a[0], n), x);
            assertAgree("add", n, (r, a) -> done(() -> r.add(a[0], a[1], n)), x, y);
            assertAgree("multiply", n, (r, a) -> done(() -> r.multiply(a[0], a[1], n)), x, y);
            assertAgree("subtract", n, (r, a) -> done(() -> r.subtract(a[0], n, 0.3f)), x);
            assertAgree("scale", n, (r, a) -> done(() -> r.scale(a[0], n, 0.3f)), x);
            assertAgree("exp", n, (r, a) -> done(() -> r.exp(a[0], a[0], n)), x);
            assertAgree("rmsNorm", n, (r, a) -> r.rmsNorm(a[0], a[1], n, 0.1), x, y);
            assertAgree("layerNorm", n, (r, a) -> r.layerNorm(a[0], a[1], a[2], n, 0.1), x, y, z);
            float[] dGain = row(n, 1);
            float[] dBias = row(n, 1);
            float[] dx = row(n, 1);
            assertAgree(
                    "rmsNormGrad",
                    n,
                    (r, a) -> done(() -> r.rmsNormGrad(a[0], a[1], a[2], 0.7f, a[3], a[4], n)),
                    x,
                    y,
                    z,
                    dx,
                    dGain);
            assertAgree(
                    "layerNormGrad",
                    n,
                    (r, a) -> done(() -> r.layerNormGrad(a[0], a[1], a[2], 0.7f, a[3], a[4], a[5], n)),
                    x,
                    y,
                    z,
                    dx,
                    dGain,
                    dBias);
            assertAgree("gateGrad", n, (r, a) -> done(() -> r.gateGrad(a[0], a[1], a[2], a[3], n)), x, y, z, dx);
            assertAgree("adamW", n, (r, a) -> done(() -> r.adamW(a[0], a[1], a[2], a[3], n, step)), x, y, z, square);
        }
    }

    private static double done(Runnable work) {
        work.run();
        return 0;
    }

    @Test
    void activationsAgreeUpToSaturationAndOnNaN() {
        for (Activation a : Activation.values()) {
            for (double deviation : new double[] {0.1, 3, 1e4}) {
                for (int n : LENGTHS) {
                    float[] x = row(n, deviation);
                    x[n / 2] = n % 2 == 0 ? Float.NaN : x[n / 2];
                    Kernel kernel = (r, b) -> done(() -> r.activate(a, b[0], b[1], b[2], n));
                    Kernel valueOnly = (r, b) -> done(() -> r.activate(a, b[0], b[1], n));
                    assertAgree(a + " " + deviation, n, kernel, x, row(n, 1), row(n, 1));
                    assertAgree(a + " " + deviation, n, valueOnly, x, row(n, 1));
                }
            }
        }
    }

    @Test
    void exponentialsOfARowAgreeFromMinusInfinityToTheMaximum() {
        for (double deviation : new double[] {1, 100, 1e4}) {
            for (int n : LENGTHS) {
                float[] z = row(n, deviation);
                z[0] = Float.NEGATIVE_INFINITY;
                z[n - 1] = 3;
                float max = plain.max(z, n);
                for (int part = 0; part < 2; part++) {
                    int slot = part;
                    assertAgree("expSums", n, (r, a) -> expSums(r, a[0], n, max)[slot], z);
                    float[] tight = Arrays.copyOf(z, n); // no room to fill the last vector up
                    tight[n - 1] = max - 1;
                    assertAgree("tight expSums", n, (r, a) -> expSums(r, a[0], n, max)[slot], tight);
                }
            }
        }
        for (float broken : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            float[] z = row(40, 1);
            z[35] = broken;
            for (RowMath rows : List.of(plain, vector)) {
                float[] copy = z.clone();
                assertEquals(Double.NaN, expSums(rows, copy, 40, rows.max(copy, 40))[0], rows.name() + " on " + broken);
            }
        }
    }

    private static double[] expSums(RowMath rows, float[] z, int n, float max) {
        double[] sums = new double[2];
        rows.expSums(z, n, max, sums);
        return sums;
    }

    /**
     * A run would not repeat if sums were taken in another order once their loops are compiled, as reduceLanes does in
     * JDK 25.
     */
    @Test
    void sumsKeepTheirBitsWhenTheirLoopsAreCompiled() {
        int n = 100;
        float[] x = row(n, 1);
        float[] y = row(n, 1);
        for (RowMath rows : List.of(plain, vector)) {
            float[] first = null;
            for (int i = 0; i < 20_000; i++) {
                float[] z = x.clone();
                double[] sums = expSums(rows, z, n, 3);
                float[] now = {
                    rows.sum(x, n),
                    rows.dot(x, y, n),
                    (float) sums[0],
                    (float) sums[1],
                    rows.rmsNorm(z, y, n, 0.1),
                    rows.layerNorm(z, y, x, n, 0.1)
                };
                first = first == null ? now : first;
                assertArrayEquals(first, now, rows.name() + ", call " + i);
            }
        }
    }

    /** The order of additions decides the bits of a run, so it is one that can be written down. */
    @Test
    void aVectorIsSummedByHalves() {
        for (int round = 0; round < 20; round++) {
            float[] a = row(VectorRows.lanes(), Math.pow(10, round % 5));
            float[] sums = a.clone();
            for (int half = VectorRows.lanes() / 2; half >= 1; half /= 2) {
                for (int i = 0; i < half; i++) {
                    sums[i] += sums[i + half];
                }
            }
            assertEquals(sums[0], VectorSums.of(FloatVector.fromArray(FloatVector.SPECIES_PREFERRED, a, 0)));
        }
    }

    /** Rotation writes its pairs and nothing else. */
    @Test
    void rotationAgreesAtAnyOffset() {
        for (int half : new int[] {1, 3, 16, 17, 64}) {
            float[] x = row(2 * half + 9, 1);
            float[] angles = row(3 * half, 1);
            assertAgree(
                    "rotate",
                    2 * half + 9,
                    (r, a) -> done(() -> r.rotate(a[0], 5, half, angles, angles, 2 * half - half, -1f)),
                    x);
        }
    }

    /** The sums into gains are cut by rows, not by workers: the same bits on any number of threads, in both forms. */
    @Test
    void gradientsOfGainsDoNotDependOnTheNumberOfThreads() {
        for (RowMath rows : List.of(plain, vector)) {
            float[][] seen = new float[5][];
            for (int workers : new int[] {1, 2, 3, 4}) {
                TensorOps ops = TensorOpsTest.cpu(workers, rows);
                GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, 3);
                INDArray x = arrays.normal(333, 70);
                INDArray dy = arrays.normal(333, 70);
                INDArray gain = arrays.normal(70);
                INDArray inverse = arrays.normal(333);
                INDArray dGain = arrays.garbage(70);
                INDArray dBias = arrays.garbage(70);
                ops.norms()
                        .grad(
                                dy,
                                x,
                                new WeightAndBias(gain, null),
                                inverse,
                                arrays.garbage(333, 70),
                                0,
                                new WeightAndBias(dGain, dBias));
                seen[workers] = dGain.toFloatVector();
                assertArrayEquals(seen[1], seen[workers], rows.name() + " with " + workers + " workers");
            }
        }
    }

    /** A fault inside a loop reaches the caller as what it is, whatever way the loop is called. */
    @Test
    void faultsOfALoopComeThroughUnchanged() {
        float[] x = row(100, 1);
        assertThrows(IndexOutOfBoundsException.class, () -> vector.activate(Activation.SILU, x, new float[8], 100));
        assertThrows(NullPointerException.class, () -> vector.exp(x, null, 100));
        AssertionError error = new AssertionError("of the loop");
        assertSame(error, assertThrows(AssertionError.class, () -> VectorCalls.unchecked(error)));
    }

    @Test
    void formIsChosenByName() {
        assertInstanceOf(PlainRows.class, RowMathFactory.choose("plain"));
        assertInstanceOf(VectorRows.class, RowMathFactory.choose("vector"));
        assertThrows(IllegalArgumentException.class, () -> RowMathFactory.choose("fast"));
    }
}
