package io.github.psft4j.eval.maths.formula;

import ch.obermuhlner.math.big.BigComplex;
import ch.obermuhlner.math.big.BigDecimalMath;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;

/** The value of a formula: exact as long as it is rational, else complex decimals of fifty digits. */
public final class Evaluator {

    private static final MathContext MC = Value.PRECISION;

    private static final int MAX_FACTORIAL = 3_000;

    private final Map<String, Rational> variables;
    private final Budget budget;
    private final Functions functions;

    /** Every operation is paid for from the budget; variables have the given values. */
    public Evaluator(Map<String, Rational> variables, Budget budget) {
        this.variables = variables;
        this.budget = budget;
        this.functions = new Functions(budget);
    }

    /** @throws Unreadable if the formula has no value, such as a division by zero */
    public Value of(Expr e) {
        budget.spend(1);
        try {
            if (e instanceof Expr.Num n) {
                return Value.of(n.value());
            }
            return e instanceof Expr.Name n ? name(n.name()) : call((Expr.Call) e);
        } catch (ArithmeticException fault) {
            throw new Unreadable("no value: " + fault.getMessage());
        }
    }

    private Value name(String name) {
        Rational value = variables.get(name);
        if (value != null) {
            return Value.of(value);
        }
        return switch (name) {
            case "pi" -> approx(BigDecimalMath.pi(MC));
            case "e" -> approx(BigDecimalMath.e(MC));
            case "i" -> Value.of(BigComplex.I);
            default -> throw new Unreadable("no value for " + name);
        };
    }

    static Value approx(BigDecimal real) {
        return Value.of(BigComplex.valueOf(real));
    }

    private Value call(Expr.Call c) {
        List<Value> args = c.args().stream().map(this::of).toList();
        Value a = args.get(0);
        Value b = args.size() > 1 ? args.get(1) : null;
        cost(a, b);
        return switch (c.name()) {
            case "+" ->
                exact(a, b)
                        ? Value.of(a.exact().plus(b.exact()))
                        : Value.of(a.complex().add(b.complex(), MC));
            case "-" ->
                exact(a, b)
                        ? Value.of(a.exact().minus(b.exact()))
                        : Value.of(a.complex().subtract(b.complex(), MC));
            case "*" ->
                exact(a, b)
                        ? Value.of(a.exact().times(b.exact()))
                        : Value.of(a.complex().multiply(b.complex(), MC));
            case "/", "frac" -> over(a, b);
            case "neg" ->
                a.exact() != null
                        ? Value.of(a.exact().negate())
                        : Value.of(a.complex().negate());
            case "^" -> power(a, b);
            case "sqrt" -> power(a, Value.of(new Rational(BigInteger.ONE, BigInteger.TWO)));
            case "root" -> root(a, b);
            case "pct" -> over(a, Value.of(Rational.of(100)));
            case "deg" -> a;
            case "abs" -> abs(a);
            case "fact", "factorial" -> Value.of(Rational.of(factorial(a)));
            case "binom", "binomial", "choose" -> Value.of(Rational.of(choose(a, b)));
            case "floor", "ceil" -> floor(a, c.name().equals("floor") ? RoundingMode.FLOOR : RoundingMode.CEILING);
            case "gcd", "lcm", "max", "min" -> several(c.name(), args);
            default -> functions.of(c, a, b);
        };
    }

    private void cost(Value a, Value b) {
        long bits = bits(a) + (b == null ? 0 : bits(b));
        budget.spend(bits / 200);
    }

    private static long bits(Value v) {
        return v.exact() == null
                ? 4_000
                : v.exact().n().bitLength() + v.exact().d().bitLength();
    }

    static boolean exact(Value a, Value b) {
        return a.exact() != null && b.exact() != null;
    }

    static Value over(Value a, Value b) {
        if (exact(a, b)) {
            return Value.of(a.exact().over(b.exact()));
        }
        BigComplex by = b.complex();
        if (by.re.signum() == 0 && by.im.signum() == 0) {
            throw new Unreadable("division by zero");
        }
        return Value.of(a.complex().divide(by, MC));
    }

    private Value power(Value a, Value b) {
        if (b.exact() != null && b.exact().isWhole() && b.exact().whole() != Integer.MIN_VALUE) {
            int n = b.exact().whole();
            if (a.exact() != null) {
                return Value.of(a.exact().pow(n));
            }
            if (Math.abs(n) > 100_000) {
                throw new Unreadable("a power too high");
            }
            budget.spend(Math.abs(n) / 10);
            return Value.of(whole(a.complex(), n));
        }
        if (b.exact() != null && a.exact() != null) {
            int k = b.exact().d().bitLength() < 16 ? b.exact().d().intValue() : 0;
            int n = b.exact().n().bitLength() < 16 ? b.exact().n().intValue() : 0;
            if (a.exact().signum() == 0) {
                if (b.exact().signum() < 0) {
                    throw new Unreadable("division by zero");
                }
                return Value.of(Rational.ZERO);
            }
            Rational root = k > 0 && n != 0 ? a.exact().abs().root(k) : null;
            if (root != null && (a.exact().signum() > 0 || k % 2 == 1)) {
                // an odd root of a negative number is the real one, as people write it
                return Value.of((a.exact().signum() < 0 ? root.negate() : root).pow(n));
            }
            if (root != null && k == 2) {
                return Value.of(whole(BigComplex.valueOf(BigDecimal.ZERO, root.decimal(MC)), n));
            }
            if (a.exact().signum() < 0 && k % 2 == 1) {
                Value positive = power(Value.of(a.exact().abs()), b);
                return n % 2 == 0 ? positive : Value.of(positive.complex().negate());
            }
        }
        return Value.of(functions.exp(functions.ln(a.complex()).multiply(b.complex(), MC)));
    }

    private static BigComplex whole(BigComplex base, int n) {
        BigComplex result = BigComplex.ONE;
        BigComplex square = base;
        for (int rest = Math.abs(n); rest > 0; rest >>= 1) {
            if ((rest & 1) == 1) {
                result = result.multiply(square, MC);
            }
            if (rest > 1) {
                square = square.multiply(square, MC);
            }
            guard(square);
        }
        return n < 0 ? BigComplex.ONE.divide(result, MC) : result;
    }

    private Value root(Value degree, Value of) {
        return power(of, over(Value.of(Rational.ONE), degree));
    }

    private static void guard(BigComplex z) {
        if (Functions.magnitude(z) > 100_000 || Functions.magnitude(z) < -100_000) {
            throw new Unreadable("a number too large or too small");
        }
    }

    private static Value abs(Value a) {
        if (a.exact() != null) {
            return Value.of(a.exact().abs());
        }
        BigComplex z = a.complex();
        return approx(z.im.signum() == 0 ? z.re.abs() : z.abs(MC));
    }

    private BigInteger factorial(Value a) {
        int n = a.exact() == null ? -1 : a.exact().whole();
        if (n < 0 || n > MAX_FACTORIAL) {
            throw new Unreadable("no factorial");
        }
        BigInteger out = BigInteger.ONE;
        for (int i = 2; i <= n; i++) {
            out = out.multiply(BigInteger.valueOf(i));
        }
        budget.spend(n);
        return out;
    }

    private BigInteger choose(Value a, Value b) {
        int n = a.exact() == null || b == null || b.exact() == null
                ? -1
                : a.exact().whole();
        int k = n < 0 ? -1 : b.exact().whole();
        if (n < 0 || k < 0 || n > MAX_FACTORIAL) {
            throw new Unreadable("no binomial");
        }
        BigInteger out = BigInteger.ONE;
        for (int i = 0; i < Math.min(k, n - k); i++) {
            out = out.multiply(BigInteger.valueOf(n - i)).divide(BigInteger.valueOf(i + 1));
        }
        budget.spend(n);
        return k > n ? BigInteger.ZERO : out;
    }

    private static Value floor(Value a, RoundingMode mode) {
        BigDecimal real = a.real();
        if (real == null || real.precision() - real.scale() > 10_000) {
            throw new Unreadable("no real number");
        }
        if (a.exact() != null) {
            BigInteger[] parts = a.exact().n().divideAndRemainder(a.exact().d());
            int step = parts[1].signum() == 0
                    ? 0
                    : mode == RoundingMode.FLOOR ? Math.min(0, parts[1].signum()) : Math.max(0, parts[1].signum());
            return Value.of(Rational.of(parts[0].add(BigInteger.valueOf(step))));
        }
        return Value.of(Rational.of(real.setScale(0, mode).toBigInteger()));
    }

    private static Value several(String name, List<Value> args) {
        Value out = args.get(0);
        for (Value next : args) {
            if (!exact(out, next)) {
                throw new Unreadable(name + " of irrational numbers");
            }
            Rational a = out.exact();
            Rational b = next.exact();
            out = switch (name) {
                case "max" -> a.compareTo(b) >= 0 ? out : next;
                case "min" -> a.compareTo(b) <= 0 ? out : next;
                case "gcd" -> Value.of(Rational.of(a.n().gcd(b.n())));
                default ->
                    Value.of(Rational.of(
                            a.signum() == 0
                                    ? BigInteger.ZERO
                                    : a.n().multiply(b.n()).abs().divide(a.n().gcd(b.n()))));
            };
        }
        return out;
    }
}
