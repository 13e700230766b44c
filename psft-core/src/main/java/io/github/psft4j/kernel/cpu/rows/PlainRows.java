package io.github.psft4j.kernel.cpu.rows;

import io.github.psft4j.kernel.Activation;

/**
 * {@link RowMath} as loops that the JIT compiler turns into vector code. They have short bodies, no branches and no
 * float sums over one variable, whose order the compiler must keep. Indices are the loop variable itself: an offset
 * added to it already prevents vector code.
 */
public final class PlainRows implements RowMath {

    /** Width of the running maxima of {@link #max}. */
    private static final int MAXIMA = 128;

    @Override
    public String name() {
        return "plain Java rows";
    }

    // ---- sums

    /** Eight sums side by side, so that additions do not wait for each other. */
    @Override
    public float sum(float[] a, int n) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        int i = 0;
        for (; i + 7 < n; i += 8) {
            s0 += a[i];
            s1 += a[i + 1];
            s2 += a[i + 2];
            s3 += a[i + 3];
            s4 += a[i + 4];
            s5 += a[i + 5];
            s6 += a[i + 6];
            s7 += a[i + 7];
        }
        for (; i < n; i++) {
            s0 += a[i];
        }
        return ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7));
    }

    @Override
    public float dot(float[] a, float[] b, int n) {
        float[] fold = ThreadScratch.local().array(ThreadScratch.ROW_MATH, n);
        for (int i = 0; i < n; i++) {
            fold[i] = a[i] * b[i];
        }
        return sum(fold, n);
    }

    /** A maximum over one variable is not vectorised; {@value #MAXIMA} of them side by side are. */
    @Override
    public float max(float[] a, int n) {
        float[] best = a;
        int width = n;
        if (n >= 2 * MAXIMA) {
            width = MAXIMA;
            best = ThreadScratch.local().array(ThreadScratch.ROW_MATH, MAXIMA);
            float[] part = ThreadScratch.local().array(ThreadScratch.ROW_MATH + 1, MAXIMA);
            System.arraycopy(a, 0, best, 0, MAXIMA);
            for (int from = MAXIMA; from < n; from += MAXIMA) {
                int m = Math.min(MAXIMA, n - from);
                System.arraycopy(a, from, part, 0, m);
                maxima(part, best, m);
            }
        }
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < width; i++) {
            max = Math.max(max, best[i]);
        }
        return max;
    }

    private static void maxima(float[] x, float[] best, int n) {
        for (int i = 0; i < n; i++) {
            best[i] = Math.max(best[i], x[i]);
        }
    }

    // ---- element by element

    @Override
    public void widen(short[] x, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = Float.intBitsToFloat(x[i] << 16);
        }
    }

    @Override
    public void add(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            y[i] += x[i];
        }
    }

    @Override
    public void multiply(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            y[i] *= x[i];
        }
    }

    @Override
    public void subtract(float[] a, int n, float s) {
        for (int i = 0; i < n; i++) {
            a[i] -= s;
        }
    }

    @Override
    public void scale(float[] a, int n, float s) {
        for (int i = 0; i < n; i++) {
            a[i] *= s;
        }
    }

    @Override
    public void exp(float[] x, float[] out, int n) {
        expOf(x, out, n);
    }

    /** A polynomial at x/64 and six squarings: these vectorise, bit tricks on the exponent do not. */
    static void expOf(float[] x, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            float u = x[i] * (1f / 64);
            float p = 1f / 40320;
            p = p * u + 1f / 5040;
            p = p * u + 1f / 720;
            p = p * u + 1f / 120;
            p = p * u + 1f / 24;
            p = p * u + 1f / 6;
            p = p * u + 0.5f;
            p = p * u + 1f;
            out[i] = p * u + 1f;
        }
        for (int i = 0; i < n; i++) {
            float p = out[i];
            p = p * p;
            p = p * p;
            p = p * p;
            p = p * p;
            p = p * p;
            out[i] = p * p;
        }
    }

    // ---- softmax

    /** {@code out[i] = max(z[i] - s, -87)}. */
    private static void differences(float[] z, float s, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = Math.max(z[i] - s, -EXP_LIMIT);
        }
    }

    @Override
    public void expSums(float[] z, int n, float max, double[] sums) {
        float[] d = ThreadScratch.local().array(ThreadScratch.ROW_MATH, n);
        differences(z, max, d, n);
        expOf(d, z, n);
        sums[0] += sum(z, n);
        multiply(z, d, n);
        sums[1] += sum(d, n);
    }

    // ---- norms

    @Override
    public float rmsNorm(float[] x, float[] gain, int n, double eps) {
        float r = (float) (1 / Math.sqrt(dot(x, x, n) / n + eps));
        for (int i = 0; i < n; i++) {
            x[i] = x[i] * r * gain[i];
        }
        return r;
    }

    @Override
    public void rmsNormGrad(float[] dy, float[] x, float[] gain, float r, float[] dx, float[] dGain, int n) {
        float[] products = ThreadScratch.local().array(ThreadScratch.ROW_MATH, n);
        for (int i = 0; i < n; i++) {
            float p = dy[i] * (x[i] * r);
            dGain[i] += p;
            products[i] = p * gain[i];
        }
        float mean = sum(products, n) / n;
        float pull = r * mean; // r xhat mean = x r (r mean)
        for (int i = 0; i < n; i++) {
            dx[i] += r * (dy[i] * gain[i] - x[i] * pull);
        }
    }

    @Override
    public float layerNorm(float[] x, float[] gain, float[] bias, int n, double eps) {
        subtract(x, n, sum(x, n) / n);
        float r = (float) (1 / Math.sqrt(dot(x, x, n) / n + eps));
        for (int i = 0; i < n; i++) {
            x[i] = x[i] * r * gain[i] + bias[i];
        }
        return r;
    }

    // ---- activations

    @Override
    public void activate(Activation a, float[] x, float[] value, int n) {
        PlainActivations.activate(a, x, value, n);
    }

    @Override
    public void activate(Activation a, float[] x, float[] value, float[] slope, int n) {
        PlainActivations.activate(a, x, value, slope, n);
    }

    @Override
    public void gateGrad(float[] dh, float[] up, float[] value, float[] slope, int n) {
        for (int i = 0; i < n; i++) {
            slope[i] = slope[i] * up[i] * dh[i];
        }
        multiply(dh, value, n);
    }

    // ---- rotary positions, optimizer

    @Override
    public void rotate(float[] x, int at, int half, float[] cos, float[] sin, int tableAt, float sign) {
        for (int i = 0; i < half; i++) {
            float c = cos[tableAt + i];
            float s = sin[tableAt + i] * sign;
            float a = x[at + i];
            float b = x[at + half + i];
            x[at + i] = a * c - b * s;
            x[at + half + i] = b * c + a * s;
        }
    }

    @Override
    public void adamW(float[] w, float[] g, float[] m, float[] v, int n, AdamWFactors f) {
        float[] root = ThreadScratch.local().array(ThreadScratch.ROW_MATH, n);
        moments(g, m, v, n, f.gradientScale(), f.first(), f.second());
        roots(v, root, n, f.rootBias2(), f.epsilon());
        update(w, m, root, n, f.decay(), f.rate());
    }

    private static void moments(
            float[] g,
            float[] m,
            float[] v,
            int n,
            float scale,
            AdamWFactors.Average first,
            AdamWFactors.Average second) {
        float b1 = first.beta();
        float c1 = first.rest();
        float b2 = second.beta();
        float c2 = second.rest();
        for (int i = 0; i < n; i++) {
            float x = g[i] * scale;
            m[i] = b1 * m[i] + c1 * x;
            v[i] = b2 * v[i] + c2 * x * x;
        }
    }

    private static void roots(float[] v, float[] root, int n, float rootBias2, float eps) {
        for (int i = 0; i < n; i++) {
            root[i] = (float) Math.sqrt(v[i]) * rootBias2 + eps;
        }
    }

    private static void update(float[] w, float[] m, float[] root, int n, float decay, float rate) {
        for (int i = 0; i < n; i++) {
            w[i] = w[i] * decay - rate * m[i] / root[i];
        }
    }

    // ---- attention

    @Override
    public ScoreTiles scoreTiles() {
        return new PlainScoreTiles(this);
    }

    @Override
    public CachedHeads cachedHeads() {
        return new PlainCachedHeads(this);
    }

    @Override
    public Int8Rows int8Rows() {
        return new PlainInt8Rows();
    }
}
