package io.github.psft4j.eval.maths;

import io.github.psft4j.eval.maths.formula.Budget;
import io.github.psft4j.eval.maths.formula.Evaluator;
import io.github.psft4j.eval.maths.formula.Expr;
import io.github.psft4j.eval.maths.formula.Parser;
import io.github.psft4j.eval.maths.formula.Rational;
import io.github.psft4j.eval.maths.formula.Token;
import io.github.psft4j.eval.maths.formula.Unreadable;
import io.github.psft4j.eval.maths.formula.Value;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads equations, inequalities and chains of them. */
final class Relations {

    private final Budget budget;
    private final AnswerReader reader;

    Relations(Budget budget, AnswerReader reader) {
        this.budget = budget;
        this.reader = reader;
    }

    Answer of(List<Token> tokens, List<Integer> at) {
        List<List<Token>> sides = new ArrayList<>();
        List<String> operators = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= at.size(); i++) {
            int to = i < at.size() ? at.get(i) : tokens.size();
            sides.add(tokens.subList(from, to));
            if (i < at.size()) {
                operators.add(tokens.get(to).text());
            }
            from = to + 1;
        }
        boolean rounded = operators.get(operators.size() - 1).equals("approx");
        operators.replaceAll(o -> o.equals("approx") ? "=" : o);
        if (sides.get(0).isEmpty() && operators.get(0).equals("=")) {
            return reader.one(tokens.subList(1, tokens.size())); // "= 5"
        }
        if (operators.contains("in") || operators.contains("->")) {
            return reader.one(sides.get(sides.size() - 1)); // x in (1, 2)
        }
        if (operators.stream().allMatch("="::equals)) {
            List<Answer> answers = sides.stream().map(this::side).toList();
            if (answers.get(answers.size() - 1) instanceof Answer.Text) {
                throw new Unreadable("a sentence");
            }
            return new Answer.Chain(answers, rounded);
        }
        return inequality(sides.stream().map(Parser::parse).toList(), operators);
    }

    /** A side may hold words, such as "Area"; then it only names what the other is. */
    private Answer side(List<Token> tokens) {
        if (tokens.size() == 4
                && tokens.get(0).text().matches("[f-hF-HPQpqTV]")
                && tokens.get(1).is("(")) {
            return new Answer.Text(""); // f(x), a name
        }
        try {
            return reader.one(tokens);
        } catch (Unreadable e) {
            return new Answer.Text("");
        }
    }

    private Answer inequality(List<Expr> sides, List<String> operators) {
        RealSet set = RealSet.ALL;
        for (int i = 0; i < operators.size(); i++) {
            RealSet next = solve(sides.get(i), operators.get(i), sides.get(i + 1));
            if (next == null) {
                if (operators.size() == 1 && !operators.get(0).equals("!=")) {
                    boolean less = operators.get(0).startsWith("<");
                    return new Answer.Less(
                            sides.get(less ? 0 : 1),
                            sides.get(less ? 1 : 0),
                            operators.get(0).endsWith("="));
                }
                throw new Unreadable("an inequality that is not solved");
            }
            set = set.intersect(next);
        }
        return new Answer.Reals(set);
    }

    /** The solutions if both sides are linear in one variable; null if they are not. */
    private RealSet solve(Expr left, String operator, Expr right) {
        if (left instanceof Expr.Call size
                && size.name().equals("abs")
                && right.variables().isEmpty()) {
            Expr inner = size.args().get(0); // |f| < c is -c < f < c, |f| > c is the rest
            if (operator.equals("!=")) {
                return null;
            }
            boolean below = operator.startsWith("<");
            RealSet up = solve(inner, operator, right);
            String flipped = (below ? ">" : "<") + operator.substring(1);
            RealSet down = solve(inner, flipped, Expr.call("neg", right));
            return up == null || down == null ? null : below ? up.intersect(down) : up.union(down);
        }
        Expr difference = Expr.call("-", left, right);
        Set<String> names = difference.variables();
        if (names.size() != 1) {
            return null;
        }
        if (difference.mentions("inf")) {
            return RealSet.ALL; // x < infinity
        }
        String name = names.iterator().next();
        Value zero = at(difference, name, 0);
        Value one = at(difference, name, 1);
        Value slope = minus(one, zero);
        Value test = at(difference, name, 7);
        Evaluator evaluator = new Evaluator(Map.of(), budget);
        Value line = evaluator.of(Expr.call("+", Expr.call("*", literal(slope), Expr.Num.of(7)), literal(zero)));
        if (!line.same(test) || slope.same(Value.of(Rational.ZERO))) {
            return null;
        }
        Value root = evaluator.of(Expr.call("neg", Expr.call("/", literal(zero), literal(slope))));
        if (operator.equals("!=")) {
            return RealSet.point(root).complement();
        }
        boolean below = operator.startsWith("<") == (sign(slope) > 0);
        boolean in = operator.endsWith("=");
        return RealSet.of(below ? new RealSet.Piece(null, false, root, in) : new RealSet.Piece(root, in, null, false));
    }

    private static int sign(Value v) {
        return v.exact() != null
                ? v.exact().signum()
                : v.real() == null ? 0 : v.real().signum();
    }

    private Value at(Expr e, String name, int x) {
        return new Evaluator(Map.of(name, new Rational(BigInteger.valueOf(x), BigInteger.ONE)), budget).of(e);
    }

    private static Value minus(Value a, Value b) {
        return a.exact() != null && b.exact() != null
                ? Value.of(a.exact().minus(b.exact()))
                : Value.of(a.complex().subtract(b.complex(), Value.PRECISION));
    }

    /** A value as a formula, for further arithmetic; decimals become the fraction that they are. */
    private static Expr literal(Value v) {
        if (v.exact() != null) {
            return Expr.Num.of(v.exact());
        }
        java.math.BigDecimal real = v.real();
        if (real == null || Math.abs(real.scale()) > 10_000) {
            throw new Unreadable("no real number");
        }
        return Expr.Num.of(
                real.scale() >= 0
                        ? new Rational(real.unscaledValue(), BigInteger.TEN.pow(real.scale()))
                        : Rational.of(real.toBigInteger()));
    }
}
