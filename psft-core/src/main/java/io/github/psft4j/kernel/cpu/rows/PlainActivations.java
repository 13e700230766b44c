package io.github.psft4j.kernel.cpu.rows;

import io.github.psft4j.kernel.Activation;

/** Activations of {@link PlainRows}: several short loops over a block, each of which the JIT compiler vectorises. */
final class PlainActivations {

    private PlainActivations() {}

    /** {@code value = a(x)}. */
    static void activate(Activation a, float[] x, float[] value, int n) {
        ThreadScratch scratch = ThreadScratch.local();
        float[] gate = scratch.array(ThreadScratch.ROW_MATH, n);
        gate(a, x, gate, scratch.array(ThreadScratch.ROW_MATH + 1, n), n);
        product(x, gate, value, n);
    }

    /** {@code value = x g(x)} and {@code slope = g(x) + x g'(x)}; see {@link Activation}. */
    static void activate(Activation a, float[] x, float[] value, float[] slope, int n) {
        ThreadScratch scratch = ThreadScratch.local();
        float[] gate = scratch.array(ThreadScratch.ROW_MATH, n);
        float[] exp = scratch.array(ThreadScratch.ROW_MATH + 1, n);
        gate(a, x, gate, exp, n);
        product(x, gate, value, n);
        switch (a) {
            case SILU -> sigmoidSlope(value, gate, 1f, slope, n);
            case QUICK_GELU -> sigmoidSlope(value, gate, (float) Activation.QUICK, slope, n);
            case GELU -> normalSlope(x, gate, exp, slope, n);
            case GELU_TANH -> tanhSlope(x, value, gate, slope, n);
            case RELU -> System.arraycopy(gate, 0, slope, 0, n);
        }
    }

    /** {@code gate = g(x)}; leaves {@code exp(-x²/2)} in exp for {@link Activation#GELU}. */
    private static void gate(Activation a, float[] x, float[] gate, float[] exp, int n) {
        switch (a) {
            case SILU -> sigmoid(x, 1f, gate, n);
            case QUICK_GELU -> sigmoid(x, (float) Activation.QUICK, gate, n);
            case GELU -> normalCdf(x, gate, exp, n);
            case GELU_TANH -> tanhGate(x, gate, n);
            case RELU -> step(x, gate, n);
        }
    }

    private static void product(float[] x, float[] y, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = x[i] * y[i];
        }
    }

    /** {@code out = 1 / (1 + exp(-k x))}. */
    private static void sigmoid(float[] x, float k, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = Math.min(Math.max(-k * x[i], -RowMath.EXP_LIMIT), RowMath.EXP_LIMIT);
        }
        PlainRows.expOf(out, out, n);
        for (int i = 0; i < n; i++) {
            out[i] = 1f / (1f + out[i]);
        }
    }

    private static void sigmoidSlope(float[] value, float[] gate, float k, float[] slope, int n) {
        for (int i = 0; i < n; i++) {
            slope[i] = gate[i] + k * value[i] * (1f - gate[i]);
        }
    }

    private static void tanhGate(float[] x, float[] gate, int n) {
        float cube = (float) Activation.TANH_CUBE;
        for (int i = 0; i < n; i++) {
            gate[i] = x[i] * (1f + cube * x[i] * x[i]);
        }
        sigmoid(gate, (float) Activation.TANH_SLOPE, gate, n);
    }

    private static void tanhSlope(float[] x, float[] value, float[] gate, float[] slope, int n) {
        float k = (float) Activation.TANH_SLOPE;
        float cube = (float) (3 * Activation.TANH_CUBE);
        for (int i = 0; i < n; i++) {
            slope[i] = gate[i] + value[i] * (1f - gate[i]) * (k * (1f + cube * x[i] * x[i]));
        }
    }

    /** {@code (1 + erf(x / sqrt(2))) / 2}, absolute error below 1e-6 (Abramowitz and Stegun 7.1.26). */
    private static void normalCdf(float[] x, float[] gate, float[] exp, int n) {
        for (int i = 0; i < n; i++) {
            exp[i] = Math.max(-0.5f * x[i] * x[i], -RowMath.EXP_LIMIT);
        }
        PlainRows.expOf(exp, exp, n);
        float p = (float) (0.3275911 / Math.sqrt(2));
        for (int i = 0; i < n; i++) {
            float t = 1f / (1f + p * Math.abs(x[i]));
            float sum = 1.061405429f;
            sum = sum * t - 1.453152027f;
            sum = sum * t + 1.421413741f;
            sum = sum * t - 0.284496736f;
            sum = sum * t + 0.254829592f;
            gate[i] = 1f - sum * t * exp[i]; // erf(|x| / sqrt(2))
        }
        for (int i = 0; i < n; i++) {
            gate[i] = 0.5f + 0.5f * Math.copySign(gate[i], x[i]);
        }
    }

    private static void normalSlope(float[] x, float[] gate, float[] exp, float[] slope, int n) {
        float k = (float) (1 / Math.sqrt(2 * Math.PI));
        for (int i = 0; i < n; i++) {
            slope[i] = gate[i] + x[i] * k * exp[i];
        }
    }

    private static void step(float[] x, float[] gate, int n) {
        for (int i = 0; i < n; i++) {
            gate[i] = x[i] > 0f ? 1f : 0f;
        }
    }
}
