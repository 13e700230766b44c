package io.github.psft4j.eval.maths;

import io.github.psft4j.eval.maths.formula.Expr;
import io.github.psft4j.eval.maths.formula.Units;
import java.util.List;

/** An answer as it was read. */
sealed interface Answer {

    /**
     * A formula, perhaps with a unit.
     *
     * @param unit null if there is none
     * @param symbolic the formula with the unit's letters read as variables; null if they cannot be
     */
    record Formula(Expr value, Units.Unit unit, Expr symbolic) implements Answer {}

    /** A tuple, point, vector or interval, with its brackets: {@code ( [ <(} and {@code ) ] >)}. */
    record Group(String open, String close, List<Answer> items) implements Answer {}

    /**
     * Several values whose order does not matter.
     *
     * @param braced whether it was written as a set; a bare list may stand for a tuple
     */
    record Many(List<Answer> items, boolean braced) implements Answer {}

    /** Values of several variables, such as {@code x = 1, y = 2}. */
    record Named(List<String> names, List<Answer> values) implements Answer {}

    /** A matrix by rows. */
    record Table(List<List<Answer>> rows) implements Answer {}

    /**
     * Sides of an equation or chain of equations; the sides of an equation are formulas.
     *
     * @param rounded whether the last side is a rounded form of the one before
     */
    record Chain(List<Answer> sides, boolean rounded) implements Answer {}

    /** An inequality that is not solved for one variable: left less than right. */
    record Less(Expr left, Expr right, boolean orEqual) implements Answer {}

    /** A set of real numbers, from intervals or inequalities. */
    record Reals(RealSet set) implements Answer {}

    /** A ratio of two or more numbers. */
    record Ratio(List<Expr> parts) implements Answer {}

    /** Anything else, as text. */
    record Text(String words) implements Answer {}
}
