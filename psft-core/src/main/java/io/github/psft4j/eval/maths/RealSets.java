package io.github.psft4j.eval.maths;

import io.github.psft4j.eval.maths.formula.Budget;
import io.github.psft4j.eval.maths.formula.Expr;
import io.github.psft4j.eval.maths.formula.Points;
import io.github.psft4j.eval.maths.formula.Unreadable;
import io.github.psft4j.eval.maths.formula.Value;
import java.util.Set;

/** Reads intervals, sets of points and "all real numbers" as sets of real numbers. */
final class RealSets {

    private final Points points;

    RealSets(Budget budget) {
        this.points = new Points(budget);
    }

    /**
     * The set of real numbers that an answer describes; null if it describes none.
     *
     * @param pairs whether braces are a set of points
     */
    RealSet of(Answer answer, boolean pairs) {
        if (answer instanceof Answer.Reals r) {
            return r.set();
        }
        if (answer instanceof Answer.Group g && g.items().size() == 2) {
            boolean open = g.open().equals("(");
            boolean close = g.close().equals(")");
            if (!(open || g.open().equals("[")) || !(close || g.close().equals("]"))) {
                return null;
            }
            try {
                return RealSet.of(new RealSet.Piece(
                        end(g.items().get(0), -1), !open, end(g.items().get(1), 1), !close));
            } catch (Unreadable e) {
                return null;
            }
        }
        if (answer instanceof Answer.Many m && (m.braced() || pairs)) {
            RealSet set = RealSet.EMPTY;
            for (Answer item : m.items()) {
                if (!(item instanceof Answer.Formula f)
                        || !f.value().variables().isEmpty()) {
                    return null;
                }
                set = set.union(RealSet.point(points.value(f.value())));
            }
            return set;
        }
        if (answer instanceof Answer.Text t
                && Set.of("all real numbers", "all reals", "real numbers", "r", "all real numbers x")
                        .contains(t.words())) {
            return RealSet.ALL;
        }
        return null;
    }

    private Value end(Answer answer, int side) {
        if (!(answer instanceof Answer.Formula f)) {
            throw new Unreadable("no end of an interval");
        }
        if (f.value().mentions("inf")) {
            boolean negative = f.value() instanceof Expr.Call c && c.name().equals("neg");
            if (negative != side < 0) {
                throw new Unreadable("infinity on the wrong side");
            }
            return null;
        }
        Value value = points.value(f.value());
        if (value.real() == null) {
            throw new Unreadable("a complex end of an interval");
        }
        return value;
    }
}
