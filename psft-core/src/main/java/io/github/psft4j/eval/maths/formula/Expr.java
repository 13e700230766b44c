package io.github.psft4j.eval.maths.formula;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** A formula as a tree. */
public sealed interface Expr {

    /**
     * A written number.
     *
     * @param value exact
     * @param unit one of its last written digit, such as 1/100 for 3.14; null if it was written without decimals
     * @param digits significant digits as written
     */
    record Num(Rational value, Rational unit, int digits) implements Expr {
        public static Num of(Rational value) {
            return new Num(value, null, 0);
        }

        public static Num of(long value) {
            return of(Rational.of(value));
        }
    }

    /** A variable, or one of the constants pi, e, i, inf. */
    record Name(String name) implements Expr {}

    /** An operation or function: {@code + - * / ^ neg sqrt root sin ... abs fact binom pm mp deg pct}. */
    record Call(String name, List<Expr> args) implements Expr {}

    static Expr call(String name, Expr... args) {
        return new Call(name, List.of(args));
    }

    /** Names of constants. */
    Set<String> CONSTANTS = Set.of("pi", "e", "i", "inf");

    /** The names that are no constants, sorted. */
    default Set<String> variables() {
        Set<String> out = new TreeSet<>();
        collect(this, out);
        return out;
    }

    private static void collect(Expr e, Set<String> out) {
        if (e instanceof Name n && !CONSTANTS.contains(n.name())) {
            out.add(n.name());
        } else if (e instanceof Call c) {
            c.args().forEach(a -> collect(a, out));
        }
    }

    /** Whether the tree has an operation of this name. */
    default boolean has(String operation) {
        return this instanceof Call c
                && (c.name().equals(operation) || c.args().stream().anyMatch(a -> a.has(operation)));
    }

    /** Whether a constant of this name occurs. */
    default boolean mentions(String name) {
        return this instanceof Name n && n.name().equals(name)
                || this instanceof Call c && c.args().stream().anyMatch(a -> a.mentions(name));
    }

    /** Whether a number with decimals occurs. */
    default boolean hasDecimals() {
        return this instanceof Num n && n.unit() != null
                || this instanceof Call c && c.args().stream().anyMatch(Expr::hasDecimals);
    }

    /** The tree with every operation replaced, from the leaves up. */
    default Expr map(UnaryOperator<Expr> change) {
        return change.apply(
                this instanceof Call c
                        ? new Call(
                                c.name(),
                                c.args().stream().map(a -> a.map(change)).toList())
                        : this);
    }
}
