package io.github.psft4j.kernel.nd4j;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.RectifiedLinear;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMultiplication;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.SubOp;
import org.nd4j.linalg.api.ops.impl.transforms.same.Abs;
import org.nd4j.linalg.api.ops.impl.transforms.same.Cube;
import org.nd4j.linalg.api.ops.impl.transforms.same.Sign;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Exact GELU of FLOAT arrays in {@link Nd4jForm} without an exponential, which takes ND4J as long as twenty products.
 *
 * <p>With a = |x| and Φ the standard normal distribution function, {@code x Φ(x) = max(x, 0) - a Φ(-a)} and {@code Φ(x)
 * + x φ(x) = 1/2 + sign(x) (1/2 - D(a))}, where {@code D(a) = Φ(-a) - a φ(a)}. Both tails are smooth and fall like a
 * power of a polynomial. The form is that of Abramowitz and Stegun 7.1.28: {@code Φ(-a) ≈ p(a)^-27} and {@code D(a) ≈
 * n(a) q(a)^-27}. The coefficients are our own. They minimise the largest error of {@code a Φ(-a)} (1.1e-7) and of D
 * (1.5e-7) for a in [0, 6.5]. Rounding adds 1e-6 at most; the slope is NaN from |x| = 1e12 on, where n leaves the range
 * of FLOAT.
 */
final class Nd4jGelu {

    /** p, from a⁵ to 1. */
    private static final double[] TAIL = {
        2.834320432e-5, -8.511544862e-5, 1.758614032e-3, 1.253731066e-2, 3.032080965e-2, 1.026004457
    };

    /** q, from a⁵ to 1. */
    private static final double[] SLOPE_TAIL = {
        3.017372137e-5, -9.659773756e-5, 1.814964834e-3, 1.229712958e-2, 3.453147276e-2, 1
    };

    /** n, from a³ to 1. */
    private static final double[] SLOPE = {-0.09964825789, -0.3685032072, -0.3317203335, 0.5000001574};

    private Nd4jGelu() {}

    /** Writes {@code x Φ(x)}. */
    static void value(INDArray x, INDArray out, Nd4jTemporaries tmp) {
        INDArray a = absolute(x, tmp);
        INDArray p = tmp.empty(x.shape());
        INDArray power = power27(polynomial(TAIL, a, p), tmp.empty(x.shape()));
        a.divi(power);
        Nd4j.exec(new RectifiedLinear(x, out, 0));
        Nd4j.exec(new SubOp(out, a, out));
    }

    /** {@code Φ(x) + x φ(x)}, a fresh array. */
    static INDArray slope(INDArray x, Nd4jTemporaries tmp) {
        INDArray a = absolute(x, tmp);
        INDArray p = tmp.empty(x.shape());
        INDArray power = power27(polynomial(SLOPE_TAIL, a, p), tmp.empty(x.shape()));
        polynomial(SLOPE, a, p).divi(power).rsubi(0.5);
        Nd4j.exec(new Sign(x, a));
        return p.muli(a).addi(0.5);
    }

    private static INDArray absolute(INDArray x, Nd4jTemporaries tmp) {
        INDArray a = tmp.empty(x.shape());
        Nd4j.exec(new Abs(x, a));
        return a;
    }

    /** Writes the polynomial of a to p and returns it. */
    private static INDArray polynomial(double[] coefficients, INDArray a, INDArray p) {
        Nd4j.exec(new ScalarMultiplication(a, null, p, coefficients[0]));
        for (int i = 1; i < coefficients.length - 1; i++) {
            p.addi(coefficients[i]).muli(a);
        }
        return p.addi(coefficients[coefficients.length - 1]);
    }

    /** {@code p²⁷}, in the other array; in place ND4J's cube takes three times as long. */
    private static INDArray power27(INDArray p, INDArray other) {
        Nd4j.exec(new Cube(p, other));
        Nd4j.exec(new Cube(other, p));
        Nd4j.exec(new Cube(p, other));
        return other;
    }
}
