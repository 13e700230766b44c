package io.github.psft4j.kernel.cpu.rows;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.AdamWStep;

/**
 * The loops over rows of floats that the CPU kernels are made of, in two forms with the same results (1e-5 relative).
 * {@link PlainRows} always works; {@code VectorRows} needs the JDK's Vector module. {@link RowMathFactory} chooses.
 *
 * <p>A row is the first n elements of an array. A method may overwrite the elements after n in the arrays that it
 * writes. Rows live in scratch memory, so a vector need not stop at n. NaN and infinities propagate as in the formula.
 */
public interface RowMath {

    /** Elements that one vector holds at most; scratch memory is rounded up to a multiple of it. */
    int PADDING = 16;

    /** Largest magnitude that {@link #exp} takes: beyond it a float would overflow. */
    float EXP_LIMIT = 87f;

    /** Name for the log, such as {@code plain Java rows}. */
    String name();

    // ---- sums

    /** {@code sum(a[i])}, in an order that depends on n alone. */
    float sum(float[] a, int n);

    /** {@code sum(a[i] b[i])}. */
    float dot(float[] a, float[] b, int n);

    /** {@code max(a[i])}, NaN if one is; minus infinity for n = 0. */
    float max(float[] a, int n);

    // ---- element by element

    /** {@code out[i]} = the bfloat16 with the bits {@code x[i]}, exactly. */
    void widen(short[] x, float[] out, int n);

    /** {@code y[i] += x[i]}. */
    void add(float[] x, float[] y, int n);

    /** {@code y[i] *= x[i]}. */
    void multiply(float[] x, float[] y, int n);

    /** {@code a[i] -= s}. */
    void subtract(float[] a, int n, float s);

    /** {@code a[i] *= s}. */
    void scale(float[] a, int n, float s);

    /**
     * {@code out[i] = exp(x[i])} for x in +-{@value #EXP_LIMIT}; out may be x. The relative error is below 1e-5 for x
     * in +-30, and below 1e-2 up to the limit, where softmaxes have values below 1e-13.
     */
    void exp(float[] x, float[] out, int n);

    // ---- softmax

    /**
     * {@code z[i] = e = exp(d)} with {@code d = max(z[i] - max, -87)}; adds {@code sum(e)} to sums[0] and {@code sum(e
     * d)} to sums[1]. Blocks of a long row follow each other.
     */
    void expSums(float[] z, int n, float max, double[] sums);

    // ---- norms

    /** {@code x = x r gain} with {@code r = 1/sqrt(mean(x²) + eps)}, which is returned. */
    float rmsNorm(float[] x, float[] gain, int n, double eps);

    /** {@code dx += r (dy gain - xhat mean(dy gain xhat))} and {@code dGain += dy xhat}, with {@code xhat = x r}. */
    void rmsNormGrad(float[] dy, float[] x, float[] gain, float r, float[] dx, float[] dGain, int n);

    /** {@code x = (x - mean) r gain + bias} with {@code r = 1/sqrt(var + eps)}, which is returned. */
    float layerNorm(float[] x, float[] gain, float[] bias, int n, double eps);

    /**
     * {@code dx += r (dy gain - mean(dy gain) - xhat mean(dy gain xhat))}, {@code dGain += dy xhat} and {@code dBias +=
     * dy}, with {@code xhat = (x - mean) r}; x is overwritten.
     */
    default void layerNormGrad(
            float[] dy, float[] x, float[] gain, float r, float[] dx, float[] dGain, float[] dBias, int n) {
        add(dy, dBias, n);
        subtract(x, n, sum(x, n) / n);
        float mean = dot(dy, gain, n) / n;
        // Without its mean, dy gain goes through the scaling exactly as in RMSNorm.
        rmsNormGrad(dy, x, gain, r, dx, dGain, n);
        subtract(dx, n, mean * r);
    }

    // ---- activations

    /** {@code value = a(x)}; three different arrays here and below. */
    void activate(Activation a, float[] x, float[] value, int n);

    /** {@code value = a(x)} and {@code slope = a'(x)}. */
    void activate(Activation a, float[] x, float[] value, float[] slope, int n);

    /** The gate's backward pass: {@code dUp = dh value} and {@code dGate = dh up slope}, into value and slope. */
    void gateGrad(float[] dh, float[] up, float[] value, float[] slope, int n);

    // ---- rotary positions, optimizer

    /**
     * Rotates the pairs {@code (x[at + i], x[at + half + i])} by the angle whose cosine and {@code sign} times whose
     * sine are {@code cos[tableAt + i]}, {@code sin[tableAt + i]}. Nothing outside the pairs is written.
     */
    void rotate(float[] x, int at, int half, float[] cos, float[] sin, int tableAt, float sign);

    /** {@link AdamWStep} on a block: w, m and v are written. */
    void adamW(float[] w, float[] g, float[] m, float[] v, int n, AdamWFactors factors);

    // ---- attention

    /** Loops over tiles of attention scores in the same form. */
    ScoreTiles scoreTiles();

    /** Attention over a cache, for generation, in the same form. */
    CachedHeads cachedHeads();

    // ---- products of few rows

    /** Loops of dot products; null where this form has none, and a library's product is faster. */
    default DotLoops dots() {
        return null;
    }

    // ---- weights of one byte

    /** Loops over weights of one byte in the same form. */
    Int8Rows int8Rows();
}
