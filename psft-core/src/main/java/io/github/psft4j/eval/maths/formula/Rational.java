package io.github.psft4j.eval.maths.formula;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * An exact fraction in lowest terms.
 *
 * @param n numerator
 * @param d denominator, positive
 */
public record Rational(BigInteger n, BigInteger d) implements Comparable<Rational> {

    /** Beyond this size the gcd of one reduction takes milliseconds. */
    public static final int MAX_BITS = 40_000;

    /** 0. */
    public static final Rational ZERO = of(0);
    /** 1. */
    public static final Rational ONE = of(1);

    /** Reduces; refuses a zero denominator and too many digits. */
    public Rational {
        if (d.signum() == 0) {
            throw new Unreadable("division by zero");
        }
        if (n.bitLength() > MAX_BITS || d.bitLength() > MAX_BITS) {
            throw new Unreadable("a number of too many digits");
        }
        BigInteger g = n.gcd(d);
        if (d.signum() < 0) {
            g = g.negate();
        }
        n = n.divide(g);
        d = d.divide(g);
    }

    /** A whole number. */
    public static Rational of(long value) {
        return new Rational(BigInteger.valueOf(value), BigInteger.ONE);
    }

    /** A whole number of any size. */
    public static Rational of(BigInteger value) {
        return new Rational(value, BigInteger.ONE);
    }

    /** A decimal such as {@code 0.25}, without sign and exponent. */
    public static Rational decimal(String digits) {
        int point = digits.indexOf('.');
        if (point < 0) {
            return of(new BigInteger(digits));
        }
        String tail = digits.substring(point + 1);
        return new Rational(new BigInteger(digits.substring(0, point) + tail), BigInteger.TEN.pow(tail.length()));
    }

    /** The sum. */
    public Rational plus(Rational o) {
        return new Rational(n.multiply(o.d).add(o.n.multiply(d)), d.multiply(o.d));
    }

    /** The difference. */
    public Rational minus(Rational o) {
        return plus(o.negate());
    }

    /** The product. */
    public Rational times(Rational o) {
        return new Rational(n.multiply(o.n), d.multiply(o.d));
    }

    /** The quotient; a zero divisor is {@link Unreadable}. */
    public Rational over(Rational o) {
        return new Rational(n.multiply(o.d), d.multiply(o.n));
    }

    /** The number with the other sign. */
    public Rational negate() {
        return new Rational(n.negate(), d);
    }

    /** The magnitude. */
    public Rational abs() {
        return n.signum() < 0 ? negate() : this;
    }

    /** An integral power. */
    public Rational pow(int exponent) {
        long bits = Math.abs((long) exponent) * Math.max(n.bitLength(), d.bitLength());
        if (bits > MAX_BITS * 2L) {
            throw new Unreadable("a power of too many digits");
        }
        if (exponent < 0) {
            return ONE.over(pow(-exponent));
        }
        return new Rational(n.pow(exponent), d.pow(exponent));
    }

    /** The exact root, or null if it is irrational; of a negative number only for odd k. */
    public Rational root(int k) {
        if (k < 1 || n.signum() < 0 && k % 2 == 0) {
            return null;
        }
        BigInteger a = root(n.abs(), k);
        BigInteger b = root(d, k);
        return a == null || b == null ? null : new Rational(n.signum() < 0 ? a.negate() : a, b);
    }

    private static BigInteger root(BigInteger x, int k) {
        if (x.signum() == 0 || x.equals(BigInteger.ONE) || k == 1) {
            return x;
        }
        if (k > x.bitLength() || x.bitLength() > 4_000) {
            return null;
        }
        if (k == 2) {
            BigInteger[] root = x.sqrtAndRemainder();
            return root[1].signum() == 0 ? root[0] : null;
        }
        BigInteger low = BigInteger.ONE;
        BigInteger high = BigInteger.ONE.shiftLeft(x.bitLength() / k + 1);
        while (low.compareTo(high) <= 0) {
            BigInteger middle = low.add(high).shiftRight(1);
            int order = middle.pow(k).compareTo(x);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle.add(BigInteger.ONE);
            } else {
                high = middle.subtract(BigInteger.ONE);
            }
        }
        return null;
    }

    /** Whether the denominator is 1. */
    public boolean isWhole() {
        return d.equals(BigInteger.ONE);
    }

    /** -1, 0 or 1. */
    public int signum() {
        return n.signum();
    }

    /** The value as an int, or the smallest one if it is no int. */
    public int whole() {
        return isWhole() && n.bitLength() < 31 ? n.intValue() : Integer.MIN_VALUE;
    }

    /** Rounded to a number of digits. */
    public BigDecimal decimal(MathContext precision) {
        return new BigDecimal(n).divide(new BigDecimal(d), precision);
    }

    @Override
    public int compareTo(Rational o) {
        return n.multiply(o.d).compareTo(o.n.multiply(d));
    }
}
