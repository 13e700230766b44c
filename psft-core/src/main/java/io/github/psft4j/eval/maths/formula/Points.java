package io.github.psft4j.eval.maths.formula;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Compares formulas by their values: once without variables, else at fixed points. */
public final class Points {

    private static final int POINTS = 7;

    private final Budget budget;

    /** Every comparison is paid for from the budget. */
    public Points(Budget budget) {
        this.budget = budget;
    }

    /** The value of a formula without variables. */
    public Value value(Expr e) {
        return new Evaluator(Map.of(), budget).of(e);
    }

    /** Whether two formulas have the same value: at every test point, if there are variables. */
    public boolean identical(Expr x, Expr y) {
        if (x.equals(y)) {
            return true;
        }
        Set<String> all = new TreeSet<>(x.variables());
        all.addAll(y.variables());
        if (all.isEmpty()) {
            try {
                return value(x).same(value(y));
            } catch (Unreadable e) {
                return false;
            }
        }
        int agreed = 0;
        for (int p = 0; p < POINTS; p++) {
            Map<String, Rational> point = point(all, p);
            Value a = valueAt(x, point);
            Value b = valueAt(y, point);
            if (a != null && b != null) {
                if (!a.same(b)) {
                    return false;
                }
                agreed++;
            }
        }
        return agreed >= 3;
    }

    /** Whether one formula is a constant, other than 0, times the other: two equations with the same solutions. */
    public boolean multiple(Expr x, Expr y, boolean positive) {
        Set<String> all = new TreeSet<>(x.variables());
        all.addAll(y.variables());
        if (all.isEmpty() || !x.variables().equals(y.variables())) {
            return false;
        }
        Value ratio = null;
        int agreed = 0;
        for (int p = 0; p < POINTS; p++) {
            Map<String, Rational> point = point(all, p);
            Value a = valueAt(x, point);
            Value b = valueAt(y, point);
            if (a == null || b == null) {
                continue;
            }
            boolean zero = a.same(Value.of(Rational.ZERO));
            if (zero || b.same(Value.of(Rational.ZERO))) {
                if (!(zero && b.same(Value.of(Rational.ZERO)))) {
                    return false;
                }
                continue;
            }
            Value next = a.exact() != null && b.exact() != null
                    ? Value.of(a.exact().over(b.exact()))
                    : Value.of(a.complex().divide(b.complex(), Value.PRECISION));
            if (ratio != null && !ratio.same(next)) {
                return false;
            }
            ratio = next;
            agreed++;
        }
        return agreed >= 3 && (!positive || ratio.real() != null && ratio.real().signum() > 0);
    }

    private Value valueAt(Expr e, Map<String, Rational> point) {
        try {
            return new Evaluator(point, budget).of(e);
        } catch (Unreadable undefined) {
            return null;
        }
    }

    /** Fixed fractions of both signs, none of which is a root of a formula that people write. */
    private static Map<String, Rational> point(Set<String> names, int p) {
        Map<String, Rational> out = new HashMap<>();
        int i = 0;
        for (String name : names) {
            long top = 1009L + 367L * p + 211L * i + 97L * p * i;
            long bottom = 307L + 71L * i + 13L * p;
            boolean negative = (p + i) % 3 == 2;
            out.put(name, new Rational(BigInteger.valueOf(negative ? -top : top), BigInteger.valueOf(bottom)));
            i++;
        }
        return out;
    }
}
