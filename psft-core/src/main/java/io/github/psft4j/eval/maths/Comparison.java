package io.github.psft4j.eval.maths;

import io.github.psft4j.eval.maths.formula.Budget;
import io.github.psft4j.eval.maths.formula.Expr;
import io.github.psft4j.eval.maths.formula.Points;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Whether two answers that were read are the same; the first is the gold answer, which may be a rounded number. */
final class Comparison {

    private final Budget budget;
    private final Points points;
    private final RealSets reals;

    Comparison(Budget budget) {
        this.budget = budget;
        this.points = new Points(budget);
        this.reals = new RealSets(budget);
    }

    /** Whether the answer is the gold answer. */
    boolean same(Answer gold, Answer answer) {
        budget.spend(10);
        Answer g = expanded(gold);
        Answer a = expanded(answer);
        if (g instanceof Answer.Text x && a instanceof Answer.Text y) {
            return !x.words().isEmpty() && x.words().equals(y.words());
        }
        if (g instanceof Answer.Chain || a instanceof Answer.Chain) {
            return chains(g, a);
        }
        if (g instanceof Answer.Formula x && a instanceof Answer.Formula y) {
            return new Formulas(points, budget).same(x, y);
        }
        if (g instanceof Answer.Reals || a instanceof Answer.Reals) {
            RealSet x = reals.of(g, false);
            RealSet y = reals.of(a, false);
            return x != null && y != null && x.same(y);
        }
        if (g instanceof Answer.Ratio || a instanceof Answer.Ratio) {
            return ratios(parts(g), parts(a));
        }
        if (g instanceof Answer.Less x && a instanceof Answer.Less y) {
            return x.orEqual() == y.orEqual()
                    && points.multiple(Expr.call("-", x.left(), x.right()), Expr.call("-", y.left(), y.right()), true);
        }
        if (g instanceof Answer.Named || a instanceof Answer.Named) {
            return named(g, a);
        }
        if (g instanceof Answer.Many || a instanceof Answer.Many) {
            return many(g, a);
        }
        if (g instanceof Answer.Group x && a instanceof Answer.Group y) {
            return kind(x.open(), x.items().size())
                            .equals(kind(y.open(), y.items().size()))
                    && kind(x.close(), x.items().size())
                            .equals(kind(y.close(), y.items().size()))
                    && inOrder(x.items(), y.items());
        }
        if (g instanceof Answer.Table x && a instanceof Answer.Table y) {
            return inOrder(rows(x), rows(y));
        }
        if (g instanceof Answer.Table || a instanceof Answer.Table) {
            List<List<Answer>> p = table(g);
            List<List<Answer>> q = table(a);
            if (p != null && q != null) {
                return inOrder(rows(new Answer.Table(p)), rows(new Answer.Table(q)));
            }
            List<Answer> x = vector(g);
            List<Answer> y = vector(a);
            return x != null && y != null && inOrder(x, y);
        }
        return false;
    }

    private static List<Answer> rows(Answer.Table t) {
        return t.rows().stream()
                .map(r -> (Answer) new Answer.Group("(", ")", r))
                .toList();
    }

    /** Rows of a matrix, or of brackets in brackets; null if it is neither. */
    private static List<List<Answer>> table(Answer a) {
        if (a instanceof Answer.Table t) {
            return t.rows();
        }
        return a instanceof Answer.Group g && g.items().stream().allMatch(i -> i instanceof Answer.Group)
                ? g.items().stream().map(i -> ((Answer.Group) i).items()).toList()
                : null;
    }

    /** A vector as its parts, however it was written. */
    private static List<Answer> vector(Answer a) {
        if (a instanceof Answer.Table t) {
            if (t.rows().size() == 1) {
                return t.rows().get(0);
            }
            return t.rows().get(0).size() == 1
                    ? t.rows().stream().map(r -> r.get(0)).toList()
                    : null;
        }
        return a instanceof Answer.Group g ? g.items() : null;
    }

    /** Angle brackets are round ones; square ones are, too, unless the pair may be an interval. */
    private static String kind(String bracket, int items) {
        return switch (bracket) {
            case "<(" -> "(";
            case ">)" -> ")";
            case "[" -> items == 2 ? "[" : "(";
            case "]" -> items == 2 ? "]" : ")";
            default -> bracket;
        };
    }

    private boolean inOrder(List<Answer> x, List<Answer> y) {
        if (x.size() != y.size()) {
            return false;
        }
        for (int i = 0; i < x.size(); i++) {
            if (!same(x.get(i), y.get(i))) {
                return false;
            }
        }
        return true;
    }

    // ---- equations

    /** An answer with both signs of a plus-minus as two values. */
    private Answer expanded(Answer answer) {
        if (answer instanceof Answer.Formula f
                && (f.value().has("pm") || f.value().has("mp"))) {
            List<Answer> both = new ArrayList<>();
            for (boolean plus : new boolean[] {true, false}) {
                Expr e = f.value()
                        .map(n -> n instanceof Expr.Call c
                                        && (c.name().equals("pm") || c.name().equals("mp"))
                                ? new Expr.Call(c.name().equals("pm") == plus ? "+" : "-", c.args())
                                : n);
                both.add(new Answer.Formula(e, f.unit(), null));
            }
            return new Answer.Many(both, false);
        }
        return answer;
    }

    private boolean chains(Answer gold, Answer answer) {
        if (gold instanceof Answer.Chain g && answer instanceof Answer.Chain a) {
            if (solved(g) != null && solved(a) != null && constant(solved(g)) && constant(solved(a))) {
                return same(solved(g), solved(a));
            }
            Expr x = difference(g);
            Expr y = difference(a);
            if (x != null && y != null) {
                return points.multiple(x, y, false);
            }
            Answer p = last(g);
            Answer q = last(a);
            return same(p, q);
        }
        boolean first = gold instanceof Answer.Chain;
        Answer.Chain chain = (Answer.Chain) (first ? gold : answer);
        Answer other = first ? answer : gold;
        if (chain.rounded() && chain.sides().size() > 1) {
            Answer exact = chain.sides().get(chain.sides().size() - 2);
            if (first ? same(exact, other) : same(other, exact)) {
                return true;
            }
        }
        Answer value = last(chain);
        return !(value instanceof Answer.Chain) && (first ? same(value, other) : same(other, value));
    }

    private static boolean constant(Answer a) {
        return !(a instanceof Answer.Formula f) || f.value().variables().isEmpty();
    }

    /** What the chain says its first name is; null if it is an equation that is not solved. */
    private static Answer solved(Answer.Chain c) {
        Answer left = c.sides().get(0);
        Answer right = c.sides().get(c.sides().size() - 1);
        if (left instanceof Answer.Formula f && f.value() instanceof Expr.Name) {
            return right;
        }
        if (right instanceof Answer.Formula f
                && f.value() instanceof Expr.Name
                && c.sides().size() == 2) {
            return left;
        }
        return left instanceof Answer.Formula && !(right instanceof Answer.Formula) || left instanceof Answer.Text
                ? right
                : null;
    }

    private static Answer last(Answer.Chain c) {
        Answer solved = solved(c);
        return solved != null ? solved : c.sides().get(c.sides().size() - 1);
    }

    private static Expr difference(Answer.Chain c) {
        return c.sides().get(0) instanceof Answer.Formula l
                        && c.sides().get(c.sides().size() - 1) instanceof Answer.Formula r
                        && l.unit() == null
                ? Expr.call("-", l.value(), r.symbolic() != null ? r.symbolic() : r.value())
                : null;
    }

    // ---- sets

    private boolean named(Answer gold, Answer answer) {
        if (gold instanceof Answer.Named g && answer instanceof Answer.Named a) {
            if (!new TreeSet<>(g.names()).equals(new TreeSet<>(a.names()))) {
                return sameSet(g.values(), a.values()); // solutions under other names
            }
            for (int i = 0; i < g.names().size(); i++) {
                int j = a.names().indexOf(g.names().get(i));
                if (!same(g.values().get(i), a.values().get(j))) {
                    return false;
                }
            }
            return true;
        }
        List<Answer> x = gold instanceof Answer.Named g ? g.values() : items(gold);
        List<Answer> y = answer instanceof Answer.Named a ? a.values() : items(answer);
        if (x == null || y == null) {
            return false;
        }
        boolean ordered = gold instanceof Answer.Group || answer instanceof Answer.Group;
        return ordered ? inOrder(x, y) : sameSet(x, y);
    }

    private static List<Answer> items(Answer a) {
        return a instanceof Answer.Many m ? m.items() : a instanceof Answer.Group g ? g.items() : null;
    }

    private boolean many(Answer gold, Answer answer) {
        if (gold instanceof Answer.Group || answer instanceof Answer.Group) {
            Answer.Many list = (Answer.Many) (gold instanceof Answer.Many ? gold : answer);
            if (list.items().size() == 1) { // the set of one tuple
                return same(
                        gold == list ? list.items().get(0) : gold,
                        answer == list ? list.items().get(0) : answer);
            }
            Answer.Group group = (Answer.Group) (gold == list ? answer : gold);
            boolean interval = !kind(group.open(), group.items().size()).equals("(");
            return !interval && !list.braced() && list.items().size() > 1 && inOrder(items(gold), items(answer));
        }
        List<Answer> x = gold instanceof Answer.Many m ? m.items() : List.of(gold);
        List<Answer> y = answer instanceof Answer.Many m ? m.items() : List.of(answer);
        return sameSet(x, y);
    }

    private boolean sameSet(List<Answer> gold, List<Answer> answer) {
        List<Answer> x = distinct(flat(gold));
        List<Answer> y = distinct(flat(answer));
        if (x.size() != y.size()) {
            return false;
        }
        List<Answer> rest = new ArrayList<>(y);
        for (Answer g : x) {
            int found = -1;
            for (int i = 0; i < rest.size() && found < 0; i++) {
                found = same(g, rest.get(i)) ? i : -1;
            }
            if (found < 0) {
                return false;
            }
            rest.remove(found);
        }
        return true;
    }

    private List<Answer> flat(List<Answer> items) {
        List<Answer> out = new ArrayList<>();
        for (Answer item : items) {
            Answer e = expanded(item);
            if (e instanceof Answer.Chain c && solved(c) != null) {
                e = expanded(solved(c));
            }
            if (e instanceof Answer.Many m && !m.braced()) {
                out.addAll(m.items());
            } else {
                out.add(e);
            }
        }
        return out;
    }

    private List<Answer> distinct(List<Answer> items) {
        List<Answer> out = new ArrayList<>();
        for (Answer item : items) {
            if (out.stream().noneMatch(o -> exactlySame(o, item))) {
                out.add(item);
            }
        }
        return out;
    }

    /** Without the tolerance of rounded numbers, which would make neighbours one. */
    private boolean exactlySame(Answer a, Answer b) {
        return same(exact(a), exact(b));
    }

    private static Answer exact(Answer a) {
        return a instanceof Answer.Formula f
                ? new Answer.Formula(
                        f.value().map(e -> e instanceof Expr.Num n ? Expr.Num.of(n.value()) : e),
                        f.unit(),
                        f.symbolic())
                : a;
    }

    // ---- ratios

    private static List<Expr> parts(Answer a) {
        if (a instanceof Answer.Ratio r) {
            return r.parts();
        }
        return a instanceof Answer.Formula f ? List.of(f.value(), Expr.Num.of(1)) : List.of();
    }

    private boolean ratios(List<Expr> x, List<Expr> y) {
        if (x.size() != y.size() || x.isEmpty()) {
            return false;
        }
        for (int i = 1; i < x.size(); i++) {
            if (!points.identical(Expr.call("*", x.get(0), y.get(i)), Expr.call("*", x.get(i), y.get(0)))) {
                return false;
            }
        }
        return true;
    }
}
