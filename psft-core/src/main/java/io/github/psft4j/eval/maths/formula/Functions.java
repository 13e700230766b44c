package io.github.psft4j.eval.maths.formula;

import ch.obermuhlner.math.big.BigComplex;
import ch.obermuhlner.math.big.BigComplexMath;
import ch.obermuhlner.math.big.BigDecimalMath;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/** Logarithms, exponentials and the functions of angles, to fifty digits. */
final class Functions {

    private static final MathContext MC = Value.PRECISION;

    /** Arguments beyond this magnitude make the series slow. */
    private static final int MAX_SCALE = 60;

    private final Budget budget;

    Functions(Budget budget) {
        this.budget = budget;
    }

    static long magnitude(BigComplex z) {
        BigDecimal larger = z.re.abs().max(z.im.abs());
        return larger.signum() == 0 ? 0 : (long) larger.precision() - larger.scale();
    }

    BigComplex ln(BigComplex z) {
        budget.spend(2_000);
        if (z.re.signum() == 0 && z.im.signum() == 0) {
            throw new Unreadable("the logarithm of zero");
        }
        if (Math.abs(magnitude(z)) > 20_000) {
            throw new Unreadable("a logarithm of a number too large");
        }
        if (z.im.signum() == 0 && z.re.signum() > 0) {
            return BigComplex.valueOf(BigDecimalMath.log(z.re, MC));
        }
        return BigComplexMath.log(z, MC);
    }

    BigComplex exp(BigComplex z) {
        budget.spend(2_000);
        if (magnitude(z) > 5) {
            throw new Unreadable("an exponent too large");
        }
        if (magnitude(z) < -MAX_SCALE) {
            return BigComplex.ONE;
        }
        BigDecimal size = BigDecimalMath.exp(z.re, MC);
        if (z.im.signum() == 0) {
            return BigComplex.valueOf(size);
        }
        BigDecimal angle = z.im;
        return BigComplex.valueOf(
                size.multiply(BigDecimalMath.cos(angle, MC), MC), size.multiply(BigDecimalMath.sin(angle, MC), MC));
    }

    Value of(Expr.Call c, Value a, Value b) {
        switch (c.name()) {
            case "ln":
                return unit(a) ? Value.of(Rational.ZERO) : Value.of(ln(a.complex()));
            case "log", "lg":
                return logarithm(Value.of(Rational.of(10)), a);
            case "logbase":
                return logarithm(a, b);
            case "exp":
                return Value.of(exp(a.complex()));
            default:
                return real(c.name(), angle(c.args().get(0), a));
        }
    }

    private static boolean unit(Value a) {
        return a.exact() != null && a.exact().equals(Rational.ONE);
    }

    private Value logarithm(Value base, Value of) {
        if (Evaluator.exact(base, of)
                && base.exact().isWhole()
                && base.exact().n().compareTo(BigInteger.ONE) > 0) {
            // an exact power of the base has an exact logarithm
            Rational rest = of.exact();
            boolean below = rest.signum() > 0 && rest.compareTo(Rational.ONE) < 0;
            rest = below ? Rational.ONE.over(rest) : rest;
            int steps = 0;
            while (rest.isWhole() && rest.n().compareTo(BigInteger.ONE) > 0 && steps < 5_000) {
                budget.spend(1);
                BigInteger[] parts = rest.n().divideAndRemainder(base.exact().n());
                if (parts[1].signum() != 0) {
                    break;
                }
                rest = Rational.of(parts[0]);
                steps++;
            }
            if (rest.equals(Rational.ONE)) {
                return Value.of(Rational.of(below ? -steps : steps));
            }
        }
        BigComplex by = ln(base.complex());
        return Evaluator.over(Value.of(ln(of.complex())), Value.of(by));
    }

    /** An angle in degrees as radians. */
    private static BigDecimal angle(Expr written, Value value) {
        BigDecimal real = value.real();
        if (real == null) {
            throw new Unreadable("a function of a complex number");
        }
        return written.has("deg") ? real.multiply(BigDecimalMath.pi(MC), MC).divide(BigDecimal.valueOf(180), MC) : real;
    }

    private Value real(String name, BigDecimal x) {
        budget.spend(3_000);
        long size = x.signum() == 0 ? 0 : (long) x.precision() - x.scale();
        if (size > 15) {
            throw new Unreadable("an argument too large");
        }
        if (size < -MAX_SCALE) {
            x = BigDecimal.ZERO;
        }
        BigDecimal one = BigDecimal.ONE;
        return Evaluator.approx(
                switch (name) {
                    case "sin" -> BigDecimalMath.sin(x, MC);
                    case "cos" -> BigDecimalMath.cos(x, MC);
                    case "tan" -> divide(BigDecimalMath.sin(x, MC), BigDecimalMath.cos(x, MC));
                    case "cot" -> divide(BigDecimalMath.cos(x, MC), BigDecimalMath.sin(x, MC));
                    case "sec" -> divide(one, BigDecimalMath.cos(x, MC));
                    case "csc" -> divide(one, BigDecimalMath.sin(x, MC));
                    case "arcsin", "asin" -> BigDecimalMath.asin(x, MC);
                    case "arccos", "acos" -> BigDecimalMath.acos(x, MC);
                    case "arctan", "atan" -> BigDecimalMath.atan(x, MC);
                    case "sinh", "cosh", "tanh" -> hyperbolic(name, x);
                    default -> throw new Unreadable("the function " + name);
                });
    }

    private static BigDecimal hyperbolic(String name, BigDecimal x) {
        if (x.abs().compareTo(BigDecimal.valueOf(10_000)) > 0) {
            throw new Unreadable("an argument too large");
        }
        return switch (name) {
            case "sinh" -> BigDecimalMath.sinh(x, MC);
            case "cosh" -> BigDecimalMath.cosh(x, MC);
            default -> BigDecimalMath.tanh(x, MC);
        };
    }

    private static BigDecimal divide(BigDecimal a, BigDecimal b) {
        if (b.abs().compareTo(new BigDecimal("1e-45")) < 0) {
            throw new Unreadable("division by zero");
        }
        return a.divide(b, MC);
    }
}
