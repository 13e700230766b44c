package io.github.psft4j.eval.maths;

import io.github.psft4j.eval.maths.formula.Budget;
import io.github.psft4j.eval.maths.formula.Expr;
import io.github.psft4j.eval.maths.formula.Points;
import io.github.psft4j.eval.maths.formula.Rational;
import io.github.psft4j.eval.maths.formula.Token;
import io.github.psft4j.eval.maths.formula.Unreadable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads answers of several parts: solutions, assignments, joined inequalities. */
final class Lists {

    private final Budget budget;

    Lists(Budget budget) {
        this.budget = budget;
    }

    Answer of(List<AnswerReader.Part> parts, Function<List<Token>, Answer> read) {
        List<Answer> answers = new ArrayList<>();
        for (AnswerReader.Part part : parts) {
            answers.add(read.apply(part.tokens()));
        }
        if (answers.stream().anyMatch(a -> a instanceof Answer.Reals)) {
            return joined(parts, answers);
        }
        Answer sum = compound(parts, answers);
        if (sum != null) {
            return sum;
        }
        List<String> names = new ArrayList<>();
        List<Answer> values = new ArrayList<>();
        for (Answer answer : answers) {
            String name = assigned(answer);
            names.add(name == null ? "" : name);
            values.add(name == null ? answer : ((Answer.Chain) answer).sides().get(1));
        }
        if (names.stream().noneMatch(String::isEmpty)) {
            if (AnswerReader.distinct(names)) {
                return new Answer.Named(names, values);
            }
            return names.stream().distinct().count() == 1
                    ? new Answer.Many(values, false)
                    : new Answer.Many(answers, false);
        }
        boolean firstOnly = !names.get(0).isEmpty() && names.stream().skip(1).allMatch(String::isEmpty);
        return new Answer.Many(firstOnly ? values : answers, false);
    }

    /** 5 dollars and 50 cents: one quantity in ever smaller units; null if the parts are no such thing. */
    private static Answer compound(List<AnswerReader.Part> parts, List<Answer> answers) {
        Answer.Formula first = answers.get(0) instanceof Answer.Formula f && f.unit() != null ? f : null;
        if (first == null) {
            return null;
        }
        Answer sum = first;
        Rational last = first.unit().factor();
        for (int i = 1; i < answers.size() && sum != null; i++) {
            boolean joined =
                    parts.get(i).joint().equals("and") || parts.get(i).joint().equals(",");
            if (!joined
                    || !(answers.get(i) instanceof Answer.Formula next)
                    || next.unit() == null
                    || next.unit().factor().compareTo(last) >= 0) {
                return null;
            }
            last = next.unit().factor();
            sum = sum((Answer.Formula) sum, next);
        }
        return sum;
    }

    /** A quantity and one in a smaller unit of the same kind; null if it is none. */
    static Answer sum(Answer.Formula large, Answer.Formula small) {
        if (large.unit() == null
                || small.unit() == null
                || !small.unit().comparable(large.unit())
                || small.unit().factor().compareTo(large.unit().factor()) >= 0) {
            return null;
        }
        Rational factor = small.unit().factor().over(large.unit().factor());
        Expr part = Expr.call("*", small.value(), Expr.Num.of(factor));
        return new Answer.Formula(Expr.call("+", large.value(), part), large.unit(), null);
    }

    /** The name on the left of an assignment; null if the answer is none. */
    static String assigned(Answer answer) {
        return answer instanceof Answer.Chain c
                        && c.sides().size() == 2
                        && c.sides().get(0) instanceof Answer.Formula f
                        && f.unit() == null
                        && f.value() instanceof Expr.Name n
                ? n.name()
                : null;
    }

    private Answer joined(List<AnswerReader.Part> parts, List<Answer> answers) {
        RealSets reals = new RealSets(budget);
        RealSet set = null;
        for (int i = 0; i < answers.size(); i++) {
            RealSet next = reals.of(answers.get(i), false);
            if (next == null) {
                next = point(answers.get(i), new Points(budget));
            }
            if (set == null) {
                set = next;
                continue;
            }
            RealSet both = set.intersect(next);
            boolean union = parts.get(i).joint().equals("or") || both.pieces().isEmpty();
            set = union ? set.union(next) : both;
        }
        return new Answer.Reals(set);
    }

    private static RealSet point(Answer answer, Points points) {
        Answer value = assigned(answer) == null
                ? answer
                : ((Answer.Chain) answer).sides().get(1);
        if (value instanceof Answer.Formula f && f.value().variables().isEmpty()) {
            return RealSet.point(points.value(f.value()));
        }
        throw new Unreadable("an inequality beside something else");
    }
}
