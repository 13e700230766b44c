package io.github.psft4j.eval.maths.formula;

import java.util.Set;

/** What two formulas side by side mean: a product, a mixed number, or a decimal with its power of ten. */
final class Products {

    /** Tokens that can begin a factor without a sign. */
    private static final Set<String> STARTS =
            Set.of("(", "[", "{", "S{", "frac", "sqrt", "binom", "floor(", "ceil(", "overline");

    private Products() {}

    /** Whether a token begins a factor; a bar does if none is open. */
    static boolean startsFactor(Token t, int bars) {
        return switch (t.kind()) {
            case NAME, FUNCTION, VALUE, NUMBER -> true;
            case OPERATOR -> STARTS.contains(t.text()) || t.is("|") && bars == 0;
            default -> false;
        };
    }

    /** A product, or a decimal with its power of ten as one number. */
    static Expr times(Expr left, Expr right) {
        if (left instanceof Expr.Num n
                && n.unit() != null
                && right instanceof Expr.Call c
                && c.name().equals("^")
                && c.args().get(0) instanceof Expr.Num ten
                && ten.value().equals(Rational.of(10))
                && whole(c.args().get(1)) != Integer.MIN_VALUE
                && Math.abs(whole(c.args().get(1))) < 5_000) {
            Rational factor = Rational.of(10).pow(whole(c.args().get(1)));
            return new Expr.Num(n.value().times(factor), n.unit().times(factor), n.digits());
        }
        return Expr.call("*", left, right);
    }

    private static int whole(Expr e) {
        if (e instanceof Expr.Num n) {
            return n.value().whole();
        }
        return e instanceof Expr.Call c
                        && c.name().equals("neg")
                        && c.args().get(0) instanceof Expr.Num n
                        && n.value().whole() != Integer.MIN_VALUE
                ? -n.value().whole()
                : Integer.MIN_VALUE;
    }

    /** {@code 1\frac12} is one and a half; everything else side by side is a product. */
    static Expr mixed(Expr left, Expr right) {
        boolean sign = right instanceof Expr.Call c
                && (c.name().equals("pct") || c.name().equals("deg"));
        if (sign
                && ((Expr.Call) right).args().get(0) instanceof Expr.Call f
                && f.name().equals("frac")) {
            return Expr.call(((Expr.Call) right).name(), mixed(left, f)); // 33\frac13\%
        }
        if (right instanceof Expr.Call f && f.name().equals("frac")) {
            boolean plain = f.args().stream()
                    .allMatch(a -> a instanceof Expr.Num n && n.value().isWhole());
            Expr fraction = new Expr.Call("/", f.args());
            if (plain && left instanceof Expr.Num n && n.value().isWhole() && n.unit() == null) {
                return Expr.call("+", left, fraction);
            }
            boolean negative = left instanceof Expr.Call c && c.name().equals("neg");
            if (plain
                    && negative
                    && ((Expr.Call) left).args().get(0) instanceof Expr.Num n
                    && n.value().isWhole()) {
                return Expr.call("neg", Expr.call("+", n, fraction));
            }
            return Expr.call("*", left, fraction);
        }
        return Expr.call("*", left, right);
    }
}
