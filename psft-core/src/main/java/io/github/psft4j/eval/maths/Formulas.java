package io.github.psft4j.eval.maths;

import io.github.psft4j.eval.maths.formula.Budget;
import io.github.psft4j.eval.maths.formula.Expr;
import io.github.psft4j.eval.maths.formula.Points;
import io.github.psft4j.eval.maths.formula.Rational;
import io.github.psft4j.eval.maths.formula.Units;
import io.github.psft4j.eval.maths.formula.Unreadable;
import io.github.psft4j.eval.maths.formula.Value;

/** Compares two formulas with their units, percent signs and written decimals. */
final class Formulas {

    /** From this many digits on, decimals of the gold answer are taken for rounded. */
    private static final int ROUNDED = 3;

    private final Points points;
    private final Budget budget;

    Formulas(Points points, Budget budget) {
        this.points = points;
        this.budget = budget;
    }

    boolean same(Answer.Formula gold, Answer.Formula answer) {
        Expr g = gold.value();
        Expr a = answer.value();
        if (gold.symbolic() != null && !answer.value().variables().isEmpty()) {
            return points.identical(gold.symbolic(), a);
        }
        if (answer.symbolic() != null && (!g.variables().isEmpty() || gold.unit() == null && letter(answer))) {
            if (points.identical(g, answer.symbolic())) {
                return true;
            }
            if (!g.variables().isEmpty()) {
                return false;
            }
        }
        if (gold.unit() != null && answer.unit() != null) {
            return quantities(gold, answer);
        }
        if (radians(gold, answer) || radians(answer, gold)) {
            return true;
        }
        return percent(g, a);
    }

    private static boolean letter(Answer.Formula answer) {
        return answer.unit() != null;
    }

    private boolean quantities(Answer.Formula gold, Answer.Formula answer) {
        if (angle(gold.unit()) && angle(answer.unit())) {
            return percent(degrees(gold), degrees(answer));
        }
        if (isSterling(gold.unit()) && isPound(answer.unit()) || isPound(gold.unit()) && isSterling(answer.unit())) {
            return percent(gold.value(), answer.value());
        }
        if (!gold.unit().comparable(answer.unit())) {
            return false;
        }
        Rational factor = answer.unit().factor().over(gold.unit().factor());
        Expr a = factor.equals(Rational.ONE) ? answer.value() : Expr.call("*", answer.value(), Expr.Num.of(factor));
        return percent(gold.value(), a);
    }

    private static boolean isSterling(Units.Unit unit) {
        return unit.equals(Units.of("GBP"));
    }

    /** The word is the name of the money, too. */
    private static boolean isPound(Units.Unit unit) {
        return unit.equals(Units.of("pound"));
    }

    private static boolean angle(Units.Unit unit) {
        return unit.powers().equals(java.util.Map.of("degree", 1))
                || unit.powers().equals(java.util.Map.of("radian", 1));
    }

    private static Expr degrees(Answer.Formula f) {
        return f.unit().powers().containsKey("degree")
                ? f.value()
                : Expr.call("/", Expr.call("*", f.value(), Expr.Num.of(180)), new Expr.Name("pi"));
    }

    /** Degrees against a multiple of pi without a unit, which are radians. */
    private boolean radians(Answer.Formula one, Answer.Formula other) {
        return one.unit() != null
                && one.unit().powers().equals(java.util.Map.of("degree", 1))
                && other.unit() == null
                && other.value().mentions("pi")
                && points.identical(
                        one.value(),
                        Expr.call("/", Expr.call("*", other.value(), Expr.Num.of(180)), new Expr.Name("pi")));
    }

    /** p% is p/100; without the sign p counts, too, if the other side has it. */
    private boolean percent(Expr gold, Expr answer) {
        Expr g = unsigned(gold);
        Expr a = unsigned(answer);
        boolean signed = g != null || a != null;
        if (g != null && a != null) {
            return number(g, a);
        }
        if (signed) {
            Expr p = g != null ? g : a;
            Expr hundredth = Expr.call("/", p, Expr.Num.of(100));
            return g != null
                    ? number(g, answer) || points.identical(hundredth, answer)
                    : number(gold, a) || number(gold, hundredth);
        }
        return number(gold, answer);
    }

    /** The number in front of a percent sign; null if there is none. */
    private static Expr unsigned(Expr e) {
        if (e instanceof Expr.Call c && c.name().equals("pct")) {
            return c.args().get(0);
        }
        if (e instanceof Expr.Call c && c.name().equals("neg")) {
            Expr inner = unsigned(c.args().get(0));
            return inner == null ? null : Expr.call("neg", inner);
        }
        if (e instanceof Expr.Call c
                && (c.name().equals("+") || c.name().equals("*"))
                && c.args().size() == 2) {
            Expr last = c.args().get(1) instanceof Expr.Call p && p.name().equals("pct")
                    ? p.args().get(0)
                    : null;
            boolean fraction = c.args().get(0) instanceof Expr.Num && c.name().equals("+");
            return last != null && fraction ? Expr.call("+", c.args().get(0), last) : null;
        }
        return null;
    }

    private boolean number(Expr gold, Expr answer) {
        if (points.identical(gold, answer)) {
            return true;
        }
        Expr.Num rounded = written(gold);
        if (rounded == null || rounded.digits() < ROUNDED || !answer.variables().isEmpty()) {
            return false;
        }
        budget.spend(10);
        boolean negative = gold instanceof Expr.Call;
        try {
            Value value = points.value(negative ? Expr.call("neg", answer) : answer);
            return value.roundsTo(rounded.value(), rounded.unit());
        } catch (Unreadable e) {
            return false;
        }
    }

    /** A number written with decimals, perhaps with a minus. */
    private static Expr.Num written(Expr e) {
        if (e instanceof Expr.Num n) {
            return n.unit() == null ? null : n;
        }
        return e instanceof Expr.Call c && c.name().equals("neg")
                ? written(c.args().get(0))
                : null;
    }
}
