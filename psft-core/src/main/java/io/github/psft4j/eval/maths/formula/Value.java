package io.github.psft4j.eval.maths.formula;

import ch.obermuhlner.math.big.BigComplex;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * A number: exact where it is rational, else a complex decimal of fifty digits.
 *
 * @param exact null if the number is not known to be rational
 * @param approx null if it is; decimals are made when they are needed
 */
public record Value(Rational exact, BigComplex approx) {

    /** Fifty digits: two short closed forms that agree so far are equal. */
    public static final MathContext PRECISION = new MathContext(50, RoundingMode.HALF_EVEN);

    private static final BigDecimal CLOSE = new BigDecimal("1e-40");

    /** A rational number. */
    public static Value of(Rational exact) {
        return new Value(exact, null);
    }

    /** A number that is not known to be rational. */
    public static Value of(BigComplex approx) {
        return new Value(null, approx);
    }

    /** The number to fifty digits. */
    public BigComplex complex() {
        return exact == null ? approx : BigComplex.valueOf(exact.decimal(PRECISION));
    }

    /** The real part, or null if the number is not real. */
    public BigDecimal real() {
        BigComplex c = complex();
        BigDecimal scale = c.re.abs().max(c.im.abs());
        return c.im.abs().compareTo(scale.multiply(CLOSE, PRECISION)) <= 0 ? c.re : null;
    }

    /** Exact for rational numbers; else to forty digits, relative to the larger one. */
    public boolean same(Value other) {
        if (exact != null && other.exact != null) {
            return exact.equals(other.exact);
        }
        BigComplex a = complex();
        BigComplex b = other.complex();
        BigDecimal scale = a.re.abs().max(a.im.abs()).max(b.re.abs()).max(b.im.abs());
        boolean zero = exact != null && exact.signum() == 0 || other.exact != null && other.exact.signum() == 0;
        BigDecimal tolerance = (zero ? scale.max(BigDecimal.ONE) : scale).multiply(CLOSE, PRECISION);
        return near(a.re, b.re, tolerance) && near(a.im, b.im, tolerance);
    }

    private static boolean near(BigDecimal a, BigDecimal b, BigDecimal tolerance) {
        return a.subtract(b, PRECISION).abs().compareTo(tolerance) <= 0;
    }

    /** Whether rounding to a multiple of the unit may give the gold number: half a unit away at most. */
    public boolean roundsTo(Rational gold, Rational unit) {
        Rational half = unit.over(Rational.of(2));
        if (exact != null) {
            return exact.minus(gold).abs().compareTo(half) <= 0;
        }
        BigDecimal real = real();
        return real != null
                && real.subtract(gold.decimal(PRECISION), PRECISION)
                                .abs()
                                .compareTo(half.decimal(PRECISION).multiply(new BigDecimal("1.0000000001")))
                        <= 0;
    }
}
