package io.github.psft4j.kernel.cpu.rows;

import static jdk.incubator.vector.VectorOperators.MAX;

import io.github.psft4j.kernel.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link RowMath} by the JDK's Vector module, with vectors as long as the processor's.
 *
 * <p>A loop keeps its vectors in registers only if the JIT compiler inlines everything between load and store. A vector
 * that is stored in a field, returned from a large method or passed through a branch becomes an object.
 */
public final class VectorRows implements RowMath {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();
    private static final VectorSpecies<Integer> BITS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> BF16 =
            VectorSpecies.of(short.class, VectorShape.forBitSize(Short.SIZE * L));

    @Override
    public String name() {
        return "vector rows of " + L + " floats";
    }

    /** Lanes of the vectors in use. */
    public static int lanes() {
        return L;
    }

    private static FloatVector load(float[] a, int i) {
        return FloatVector.fromArray(S, a, i);
    }

    // ---- sums

    @Override
    public float sum(float[] a, int n) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        int i = 0;
        for (; i <= n - 2 * L; i += 2 * L) {
            s0 = s0.add(load(a, i));
            s1 = s1.add(load(a, i + L));
        }
        for (; i <= n - L; i += L) {
            s0 = s0.add(load(a, i));
        }
        float sum = VectorSums.of(s0.add(s1));
        for (; i < n; i++) {
            sum += a[i];
        }
        return sum;
    }

    @Override
    public float dot(float[] a, float[] b, int n) {
        if (FirstLoops.take(n)) {
            return FirstLoops.dot(a, b, n);
        }
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        int i = 0;
        for (; i <= n - 2 * L; i += 2 * L) {
            s0 = load(a, i).fma(load(b, i), s0);
            s1 = load(a, i + L).fma(load(b, i + L), s1);
        }
        for (; i <= n - L; i += L) {
            s0 = load(a, i).fma(load(b, i), s0);
        }
        float sum = VectorSums.of(s0.add(s1));
        for (; i < n; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    @Override
    public float max(float[] a, int n) {
        FloatVector m0 = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
        FloatVector m1 = m0;
        FloatVector m2 = m0;
        FloatVector m3 = m0;
        int i = 0;
        for (; i <= n - 4 * L; i += 4 * L) {
            m0 = m0.max(load(a, i));
            m1 = m1.max(load(a, i + L));
            m2 = m2.max(load(a, i + 2 * L));
            m3 = m3.max(load(a, i + 3 * L));
        }
        m0 = m0.max(m2);
        m1 = m1.max(m3);
        for (; i <= n - L; i += L) {
            m0 = m0.max(load(a, i));
        }
        float max = m0.max(m1).reduceLanes(MAX);
        for (; i < n; i++) {
            max = Math.max(max, a[i]);
        }
        return max;
    }

    // ---- element by element

    @Override
    public void widen(short[] x, float[] out, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            IntVector bits = (IntVector) ShortVector.fromArray(BF16, x, i).convertShape(VectorOperators.S2I, BITS, 0);
            bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(out, i);
        }
        for (; i < n; i++) {
            out[i] = Float.intBitsToFloat(x[i] << 16);
        }
    }

    @Override
    public void add(float[] x, float[] y, int n) {
        int i = 0;
        int last = FirstLoops.last(n);
        for (; i <= last; i += L) {
            load(y, i).add(load(x, i)).intoArray(y, i);
        }
        for (; i < n; i++) {
            y[i] += x[i];
        }
    }

    @Override
    public void multiply(float[] x, float[] y, int n) {
        int i = 0;
        int last = FirstLoops.last(n);
        for (; i <= last; i += L) {
            load(y, i).mul(load(x, i)).intoArray(y, i);
        }
        for (; i < n; i++) {
            y[i] *= x[i];
        }
    }

    @Override
    public void subtract(float[] a, int n, float s) {
        int i = 0;
        for (; i <= n - L; i += L) {
            load(a, i).sub(s).intoArray(a, i);
        }
        for (; i < n; i++) {
            a[i] -= s;
        }
    }

    @Override
    public void scale(float[] a, int n, float s) {
        int i = 0;
        int last = FirstLoops.last(n);
        for (; i <= last; i += L) {
            load(a, i).mul(s).intoArray(a, i);
        }
        for (; i < n; i++) {
            a[i] *= s;
        }
    }

    @Override
    public void exp(float[] x, float[] out, int n) {
        VectorCalls.exp(x, out, n);
    }

    // ---- softmax

    @Override
    public void expSums(float[] z, int n, float max, double[] sums) {
        VectorCalls.expSums(z, n, max, sums);
    }

    // ---- norms

    @Override
    public float rmsNorm(float[] x, float[] gain, int n, double eps) {
        float r = (float) (1 / Math.sqrt(dot(x, x, n) / n + eps));
        int i = 0;
        int last = FirstLoops.last(n);
        for (; i <= last; i += L) {
            load(x, i).mul(r).mul(load(gain, i)).intoArray(x, i);
        }
        for (; i < n; i++) {
            x[i] = x[i] * r * gain[i];
        }
        return r;
    }

    @Override
    public void rmsNormGrad(float[] dy, float[] x, float[] gain, float r, float[] dx, float[] dGain, int n) {
        FloatVector products = FloatVector.zero(S);
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector d = load(dy, i);
            FloatVector xhat = load(x, i).mul(r);
            FloatVector p = d.mul(xhat);
            load(dGain, i).add(p).intoArray(dGain, i);
            products = p.fma(load(gain, i), products);
        }
        float sum = VectorSums.of(products);
        for (; i < n; i++) {
            float p = dy[i] * (x[i] * r);
            dGain[i] += p;
            sum += p * gain[i];
        }
        float mean = sum / n;
        float pull = r * mean; // r xhat mean = x r (r mean)
        i = 0;
        for (; i <= n - L; i += L) {
            FloatVector g = load(dy, i).mul(load(gain, i)).sub(load(x, i).mul(pull));
            load(dx, i).add(g.mul(r)).intoArray(dx, i);
        }
        for (; i < n; i++) {
            dx[i] += r * (dy[i] * gain[i] - x[i] * pull);
        }
    }

    @Override
    public float layerNorm(float[] x, float[] gain, float[] bias, int n, double eps) {
        VectorCalls.centre(this, x, n);
        float r = rmsNorm(x, gain, n, eps);
        add(bias, x, n);
        return r;
    }

    /** Takes the mean off; called through {@link VectorCalls}. */
    static void centre(VectorRows rows, float[] x, int n) {
        rows.subtract(x, n, rows.sum(x, n) / n);
    }

    // ---- activations

    @Override
    public void activate(Activation a, float[] x, float[] value, int n) {
        VectorCalls.values(a, x, value, n);
    }

    @Override
    public void activate(Activation a, float[] x, float[] value, float[] slope, int n) {
        VectorCalls.valuesAndSlopes(a, x, value, slope, n);
    }

    @Override
    public void gateGrad(float[] dh, float[] up, float[] value, float[] slope, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector d = load(dh, i);
            load(slope, i).mul(load(up, i)).mul(d).intoArray(slope, i);
            load(value, i).mul(d).intoArray(value, i);
        }
        for (; i < n; i++) {
            slope[i] = slope[i] * up[i] * dh[i];
            value[i] *= dh[i];
        }
    }

    // ---- rotary positions, optimizer

    @Override
    public void rotate(float[] x, int at, int half, float[] cos, float[] sin, int tableAt, float sign) {
        int i = 0;
        int last = FirstLoops.last(half);
        for (; i <= last; i += L) {
            FloatVector a = load(x, at + i);
            FloatVector b = load(x, at + half + i);
            FloatVector c = load(cos, tableAt + i);
            FloatVector s = load(sin, tableAt + i).mul(sign);
            a.mul(c).sub(b.mul(s)).intoArray(x, at + i);
            b.mul(c).add(a.mul(s)).intoArray(x, at + half + i);
        }
        for (; i < half; i++) {
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
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector grad = load(g, i).mul(f.gradientScale());
            FloatVector first =
                    load(m, i).mul(f.first().beta()).add(grad.mul(f.first().rest()));
            FloatVector second = load(v, i)
                    .mul(f.second().beta())
                    .add(grad.mul(grad).mul(f.second().rest()));
            first.intoArray(m, i);
            second.intoArray(v, i);
            FloatVector root =
                    second.lanewise(VectorOperators.SQRT).mul(f.rootBias2()).add(f.epsilon());
            load(w, i).mul(f.decay()).sub(first.mul(f.rate()).div(root)).intoArray(w, i);
        }
        for (; i < n; i++) {
            float grad = g[i] * f.gradientScale();
            m[i] = f.first().beta() * m[i] + f.first().rest() * grad;
            v[i] = f.second().beta() * v[i] + f.second().rest() * grad * grad;
            float root = (float) Math.sqrt(v[i]) * f.rootBias2() + f.epsilon();
            w[i] = w[i] * f.decay() - f.rate() * m[i] / root;
        }
    }

    // ---- attention

    @Override
    public ScoreTiles scoreTiles() {
        return new VectorScoreTiles();
    }

    @Override
    public CachedHeads cachedHeads() {
        return new VectorCachedHeads(this);
    }

    @Override
    public Int8Rows int8Rows() {
        return new VectorInt8Rows();
    }

    // ---- products of few rows

    @Override
    public DotLoops dots() {
        return VectorDots.find();
    }
}
