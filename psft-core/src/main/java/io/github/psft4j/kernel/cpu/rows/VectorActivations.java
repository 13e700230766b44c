package io.github.psft4j.kernel.cpu.rows;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.psft4j.kernel.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activations of {@code VectorRows}: one loop per kind of gate, because a vector that passes through a branch becomes
 * an object. The last vector of a row overlaps the one before, so that every element goes through the same arithmetic.
 */
final class VectorActivations {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();

    private static final FloatVector ZERO = VectorExp.ZERO;
    private static final FloatVector ONE = VectorExp.ONE;
    private static final FloatVector HIGHEST = of(RowMath.EXP_LIMIT);
    private static final FloatVector MINUS_ONE = of(-1);
    private static final FloatVector MINUS_HALF = of(-0.5);
    private static final FloatVector MINUS_QUICK = of(-Activation.QUICK);
    private static final FloatVector TANH_CUBE = of(Activation.TANH_CUBE);
    private static final FloatVector TANH_CUBE_SLOPE = of(3 * Activation.TANH_CUBE);
    private static final FloatVector MINUS_TANH_SLOPE = of(-Activation.TANH_SLOPE);
    private static final FloatVector NORMAL_DENSITY = of(1 / Math.sqrt(2 * Math.PI)); // at 0
    private static final FloatVector ERF_P = of(0.3275911 / Math.sqrt(2));
    private static final FloatVector ERF_1 = of(0.254829592 / 2);
    private static final FloatVector ERF_2 = of(-0.284496736 / 2);
    private static final FloatVector ERF_3 = of(1.421413741 / 2);
    private static final FloatVector ERF_4 = of(-1.453152027 / 2);
    private static final FloatVector ERF_5 = of(1.061405429 / 2);

    private VectorActivations() {}

    private static FloatVector of(double value) {
        return VectorExp.of((float) value);
    }

    /** {@code value = a(x)}. */
    static void values(Activation a, float[] x, float[] value, int n) {
        if (n < L) {
            PlainActivations.activate(a, x, value, n);
            return;
        }
        switch (a) {
            case SILU -> sigmoid(x, MINUS_ONE, value, n);
            case QUICK_GELU -> sigmoid(x, MINUS_QUICK, value, n);
            case GELU -> normal(x, value, n);
            case GELU_TANH -> tanh(x, value, n);
            case RELU -> PlainActivations.activate(a, x, value, n);
        }
    }

    /** {@code value = a(x)}, {@code slope = a'(x)}. */
    static void valuesAndSlopes(Activation a, float[] x, float[] value, float[] slope, int n) {
        if (n < L) {
            PlainActivations.activate(a, x, value, slope, n);
            return;
        }
        switch (a) {
            case SILU -> sigmoid(x, MINUS_ONE, value, slope, n);
            case QUICK_GELU -> sigmoid(x, MINUS_QUICK, value, slope, n);
            case GELU -> normal(x, value, slope, n);
            case GELU_TANH -> tanh(x, value, slope, n);
            case RELU -> PlainActivations.activate(a, x, value, slope, n);
        }
    }

    /** Start of the vector after the one at i: the last one ends at n. */
    private static int next(int i, int n) {
        return i < n - L ? Math.min(i + L, n - L) : n;
    }

    private static FloatVector load(float[] a, int i) {
        return FloatVector.fromArray(S, a, i);
    }

    /** {@code 1 / (1 + exp(minus))}. */
    private static FloatVector logistic(FloatVector minus) {
        FloatVector low = minus.blend(HIGHEST, minus.compare(GT, HIGHEST));
        return ONE.div(VectorExp.expOrTiny(low).add(ONE));
    }

    private static void sigmoid(float[] x, FloatVector minusK, float[] value, int n) {
        if (FirstLoops.take((long) FirstLoops.EXP * n)) {
            FirstLoops.sigmoid(x, minusK.lane(0), value, n);
            return;
        }
        for (int i = 0; i < n; i = next(i, n)) {
            FloatVector v = load(x, i);
            v.mul(logistic(v.mul(minusK))).intoArray(value, i);
        }
    }

    private static void sigmoid(float[] x, FloatVector minusK, float[] value, float[] slope, int n) {
        for (int i = 0; i < n; i = next(i, n)) {
            FloatVector v = load(x, i);
            FloatVector gate = logistic(v.mul(minusK));
            FloatVector y = v.mul(gate);
            y.intoArray(value, i);
            // gate + k y (1 - gate)
            y.mul(minusK).fma(gate.sub(ONE), gate).intoArray(slope, i);
        }
    }

    private static void tanh(float[] x, float[] value, int n) {
        for (int i = 0; i < n; i = next(i, n)) {
            FloatVector v = load(x, i);
            FloatVector u = v.mul(v).fma(TANH_CUBE, ONE).mul(v);
            v.mul(logistic(u.mul(MINUS_TANH_SLOPE))).intoArray(value, i);
        }
    }

    private static void tanh(float[] x, float[] value, float[] slope, int n) {
        for (int i = 0; i < n; i = next(i, n)) {
            FloatVector v = load(x, i);
            FloatVector square = v.mul(v);
            FloatVector u = square.fma(TANH_CUBE, ONE).mul(v);
            FloatVector gate = logistic(u.mul(MINUS_TANH_SLOPE));
            FloatVector y = v.mul(gate);
            y.intoArray(value, i);
            FloatVector du = square.fma(TANH_CUBE_SLOPE, ONE).mul(MINUS_TANH_SLOPE);
            y.mul(gate.sub(ONE)).fma(du, gate).intoArray(slope, i);
        }
    }

    /** {@code (1 - erf(|x|/sqrt(2))) / 2} from {@code e = exp(-x²/2)} (Abramowitz and Stegun 7.1.26). */
    private static FloatVector tail(FloatVector x, FloatVector e) {
        FloatVector t = ONE.div(x.abs().fma(ERF_P, ONE));
        FloatVector p = ERF_5.fma(t, ERF_4).fma(t, ERF_3).fma(t, ERF_2).fma(t, ERF_1);
        return p.mul(t).mul(e);
    }

    private static void normal(float[] x, float[] value, int n) {
        for (int i = 0; i < n; i = next(i, n)) {
            FloatVector v = load(x, i);
            FloatVector tail = tail(v, VectorExp.expOrTiny(v.mul(v).mul(MINUS_HALF)));
            FloatVector gate = ONE.sub(tail).blend(tail, v.compare(LT, ZERO));
            v.mul(gate).intoArray(value, i);
        }
    }

    private static void normal(float[] x, float[] value, float[] slope, int n) {
        for (int i = 0; i < n; i = next(i, n)) {
            FloatVector v = load(x, i);
            FloatVector e = VectorExp.expOrTiny(v.mul(v).mul(MINUS_HALF));
            FloatVector tail = tail(v, e);
            FloatVector gate = ONE.sub(tail).blend(tail, v.compare(LT, ZERO));
            v.mul(gate).intoArray(value, i);
            v.mul(e).fma(NORMAL_DENSITY, gate).intoArray(slope, i);
        }
    }
}
