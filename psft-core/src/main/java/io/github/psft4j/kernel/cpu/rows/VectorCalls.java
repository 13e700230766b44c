package io.github.psft4j.kernel.cpu.rows;

import static java.lang.invoke.MethodType.methodType;

import io.github.psft4j.kernel.Activation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Keeps C2 from inlining the long vector loops. The handles are not final, so C2 cannot see their targets; leave them
 * so.
 *
 * <p>A loop with an exponential takes half of the nodes that the compiler allows for one compilation. Inlined next to
 * copies and other loops it meets the limit in its middle. The call left there takes and returns vectors as objects.
 * The gradient of the SiLU gate was then three times slower, with 96 bytes of garbage per 16 floats; the layer norm
 * eight times, with 192. The calls cost some nanoseconds.
 */
final class VectorCalls {

    private static final Class<?> FLOATS = float[].class;

    private static MethodHandle values = find(
            VectorActivations.class, "values", methodType(void.class, Activation.class, FLOATS, FLOATS, int.class));
    private static MethodHandle valuesAndSlopes = find(
            VectorActivations.class,
            "valuesAndSlopes",
            methodType(void.class, Activation.class, FLOATS, FLOATS, FLOATS, int.class));
    private static MethodHandle expSums = find(
            VectorSoftmax.class, "expSums", methodType(void.class, FLOATS, int.class, float.class, double[].class));
    private static MethodHandle centre =
            find(VectorRows.class, "centre", methodType(void.class, VectorRows.class, FLOATS, int.class));
    private static MethodHandle exp =
            find(VectorSoftmax.class, "exp", methodType(void.class, FLOATS, FLOATS, int.class));

    private static MethodHandle expDifferences = find(
            VectorScoreTiles.class,
            "expDifferences",
            methodType(void.class, FLOATS, int.class, int.class, int.class, FLOATS));

    private static MethodHandle headMaxima = find(
            VectorCachedHeads.class,
            "loopMaxima",
            methodType(void.class, FLOATS, int.class, int.class, int.class, FLOATS));

    private static MethodHandle headExponentials = find(
            VectorCachedHeads.class,
            "loopExponentials",
            methodType(void.class, FLOATS, int.class, int.class, int.class, FLOATS));

    private static MethodHandle fourByFour = dots("fourByFour");

    private static MethodHandle twoByFour = dots("twoByFour");

    private static MethodHandle oneByFour = find(
            VectorDots.class, "oneByFour", methodType(void.class, FLOATS, short[].class, int.class, FLOATS, int.class));

    private static MethodHandle addLanes =
            find(VectorDots.class, "gatherLanes", methodType(void.class, FLOATS, int.class, FLOATS));

    private static MethodHandle[] narrow = {shared("narrow1"), shared("narrow2"), shared("narrow3"), shared("narrow4")};

    private static MethodHandle[] products = {shared("rows1"), shared("rows2"), shared("rows3"), shared("rows4")};

    private VectorCalls() {}

    private static MethodHandle dots(String name) {
        return find(
                VectorDots.class,
                name,
                methodType(void.class, FLOATS, int.class, FLOATS, int.class, FLOATS, int.class));
    }

    private static MethodHandle shared(String name) {
        MethodType signature = methodType(void.class, int.class, int.class, int.class, int.class, int.class, int.class);
        try {
            return MethodHandles.lookup().findVirtual(VectorOperand.class, name, signature);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("kernel VectorOperand." + name, e);
        }
    }

    private static MethodHandle find(Class<?> type, String name, MethodType signature) {
        try {
            return MethodHandles.lookup().findStatic(type, name, signature);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("kernel " + type + "." + name, e);
        }
    }

    static void values(Activation a, float[] x, float[] value, int n) {
        try {
            values.invokeExact(a, x, value, n);
        } catch (Throwable t) {
            throw unchecked(t);
        }
    }

    static void valuesAndSlopes(Activation a, float[] x, float[] value, float[] slope, int n) {
        try {
            valuesAndSlopes.invokeExact(a, x, value, slope, n);
        } catch (Throwable t) {
            throw unchecked(t);
        }
    }

    static void centre(VectorRows rows, float[] x, int n) {
        try {
            centre.invokeExact(rows, x, n);
        } catch (Throwable t) {
            throw unchecked(t);
        }
    }

    static void expSums(float[] z, int n, float max, double[] sums) {
        try {
            expSums.invokeExact(z, n, max, sums);
        } catch (Throwable t) {
            throw unchecked(t);
        }
    }

    static void exp(float[] x, float[] out, int n) {
        try {
            exp.invokeExact(x, out, n);
        } catch (Throwable t) {
            throw unchecked(t);
        }
    }

    static void expDifferences(float[] scores, int row, int first, int n, float[] max) {
        try {
            expDifferences.invokeExact(scores, row, first, n, max);
        } catch (Throwable t) {
            throw unchecked(t);
        }
    }

    static void headMaxima(float[] scores, int step, int heads, int n, float[] max) {
        try {
            headMaxima.invokeExact(scores, step, heads, n, max);
        } catch (Throwable t) {
            throw unchecked(t);
        }
    }

    static void headExponentials(float[] scores, int step, int heads, int n, float[] max) {
        try {
            headExponentials.invokeExact(scores, step, heads, n, max);
        } catch (Throwable t) {
            throw unchecked(t);
        }
    }

    static void dots(boolean four, float[] x, int at, float[] w, int step, float[] sums, int to) {
        try {
            MethodHandle loop = four ? fourByFour : twoByFour;
            loop.invokeExact(x, at, w, step, sums, to);
        } catch (Throwable t) {
            throw unchecked(t);
        }
    }

    static void oneRow(float[] x, short[] w, int step, float[] sums, int to) {
        try {
            oneByFour.invokeExact(x, w, step, sums, to);
        } catch (Throwable t) {
            throw unchecked(t);
        }
    }

    static void addLanes(float[] sums, int vectors, float[] out) {
        try {
            addLanes.invokeExact(sums, vectors, out);
        } catch (Throwable t) {
            throw unchecked(t);
        }
    }

    /** {@link VectorOperand#run} of up to {@value VectorOperand#ROWS} rows. */
    static void products(
            VectorOperand operand, int rows, int count, int leftAt, int rightAt, int n, int startAt, int outAt) {
        try {
            MethodHandle[] loops = operand.out().second() == 0 ? narrow : products;
            loops[rows - 1].invokeExact(operand, count, leftAt, rightAt, n, startAt, outAt);
        } catch (Throwable t) {
            throw unchecked(t);
        }
    }

    /** The loops declare nothing, so it is unchecked already. */
    static RuntimeException unchecked(Throwable t) {
        if (t instanceof Error e) {
            throw e;
        }
        return (RuntimeException) t;
    }
}
