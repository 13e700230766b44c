package io.github.psft4j.eval.maths;

import io.github.psft4j.eval.maths.formula.Budget;
import io.github.psft4j.eval.maths.formula.Expr;
import io.github.psft4j.eval.maths.formula.Parser;
import io.github.psft4j.eval.maths.formula.Rational;
import io.github.psft4j.eval.maths.formula.Token;
import io.github.psft4j.eval.maths.formula.Token.Kind;
import io.github.psft4j.eval.maths.formula.Units;
import io.github.psft4j.eval.maths.formula.Unreadable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads a formula with a unit or a currency before or behind it. */
final class Quantities {

    private static final Set<String> CURRENCIES = Set.of("USD", "EUR", "GBP", "JPY", "INR", "CNY", "Rs");

    private final Budget budget;

    Quantities(Budget budget) {
        this.budget = budget;
    }

    Answer of(List<Token> given) {
        List<Token> tokens = fractions(given);
        Token first = tokens.get(0);
        int sign = first.is("-") && tokens.size() > 1 ? 1 : 0; // -$5
        Token currency = tokens.get(sign);
        if (currency.kind() == Kind.WORD && CURRENCIES.contains(currency.text()) && tokens.size() > sign + 1) {
            Answer rest = of(tokens.subList(sign + 1, tokens.size()));
            if (rest instanceof Answer.Formula f && money(f.unit())) {
                Expr value = sign == 1 ? Expr.call("neg", f.value()) : f.value();
                Units.Unit money = Units.of(currency.text());
                return new Answer.Formula(
                        value, f.unit() == null ? money : f.unit().times(money, 1), null);
            }
            throw new Unreadable("money of a unit");
        }
        Answer degrees = temperature(tokens);
        if (degrees != null) {
            return degrees;
        }
        Answer sum = compound(tokens);
        if (sum != null) {
            return sum;
        }
        Answer ratio = to(tokens);
        if (ratio != null) {
            return ratio;
        }
        int word = firstWord(tokens);
        if (word == 0) {
            throw new Unreadable("words");
        }
        if (word < tokens.size()) {
            return measured(tokens, word, null);
        }
        Expr whole = parse(tokens);
        int letters = letters(tokens);
        if (letters > 0 && letters < tokens.size()) {
            try {
                Answer measured = measured(tokens, letters, whole);
                if (((Answer.Formula) measured).value().variables().isEmpty()) {
                    return measured;
                }
            } catch (Unreadable e) {
                return plain(whole); // the letters are variables
            }
        }
        return plain(whole);
    }

    /** A fraction of units, {@code \\frac{km}{h}}, as one unit per the other. */
    private static List<Token> fractions(List<Token> tokens) {
        for (int i = 0; i + 2 < tokens.size(); i++) {
            if (!tokens.get(i).is("frac")
                    || !tokens.get(i + 1).is("{")
                    || tokens.get(i + 2).kind() != Kind.WORD) {
                continue;
            }
            List<Token> out = new ArrayList<>(tokens);
            int end = i + 2;
            while (end < out.size() && !out.get(end).is("}")) {
                end++;
            }
            if (end + 1 < out.size() && out.get(end + 1).is("{")) {
                out.set(end, new Token(Kind.OPERATOR, "/", false));
                out.remove(i); // the command and its brace
                out.remove(i);
                return out;
            }
        }
        return tokens;
    }

    /** Money may carry a price per something, but no unit of its own in front. */
    private static boolean money(Units.Unit unit) {
        return unit == null
                || unit.powers().values().stream().allMatch(p -> p < 0)
                || unit.powers().containsKey("USD");
    }

    private Expr parse(List<Token> tokens) {
        budget.spend(tokens.size());
        return Parser.parse(tokens);
    }

    private static Answer plain(Expr e) {
        return e instanceof Expr.Call c && c.name().equals("deg")
                ? new Answer.Formula(c.args().get(0), Units.of("degree"), null)
                : new Answer.Formula(e, null, null);
    }

    private static int firstWord(List<Token> tokens) {
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).kind() == Kind.WORD) {
                return i;
            }
        }
        return tokens.size();
    }

    /** Where letters that may be units begin: behind a number, with a space or a power of them; -1 if nowhere. */
    private static int letters(List<Token> tokens) {
        for (int i = 1; i < tokens.size(); i++) {
            Token t = tokens.get(i);
            if (t.kind() == Kind.NAME && Units.isLetter(t.text())) {
                return i;
            }
            if (t.kind() == Kind.NAME && !Expr.CONSTANTS.contains(t.text())) {
                return -1;
            }
        }
        return -1;
    }

    private Answer measured(List<Token> tokens, int at, Expr symbolic) {
        Units.Unit unit = Units.parse(tokens.subList(at, tokens.size()));
        if (unit == null) {
            throw new Unreadable("words behind a formula");
        }
        Expr value = parse(tokens.subList(0, at));
        boolean words = unit.powers().keySet().stream().anyMatch(base -> base.startsWith("?"));
        if (words && !value.variables().isEmpty()) {
            throw new Unreadable("a sentence");
        }
        if (value instanceof Expr.Call c && c.name().equals("deg")) {
            throw new Unreadable("degrees of a unit");
        }
        if (unit.powers().isEmpty()) { // units, dozens
            Expr count = Expr.call("*", value, Expr.Num.of(unit.factor()));
            return new Answer.Formula(unit.factor().equals(Rational.ONE) ? value : count, null, symbolic);
        }
        return new Answer.Formula(value, unit, symbolic);
    }

    /** {@code 25 deg C}. */
    private Answer temperature(List<Token> tokens) {
        int n = tokens.size();
        if (n < 3 || !Set.of("C", "F", "K").contains(tokens.get(n - 1).text())) {
            return null;
        }
        int end = n - 1;
        while (end > 0
                && (tokens.get(end - 1).is("deg")
                        || tokens.get(end - 1).is("{")
                        || tokens.get(end - 1).is("}"))) {
            end--;
        }
        if (end == n - 1 || end < 2 || !tokens.get(end - 1).is("^")) {
            return null;
        }
        return new Answer.Formula(
                parse(tokens.subList(0, end - 1)), Units.of(tokens.get(n - 1).text()), null);
    }

    /** {@code 1 hour 30 minutes}, {@code 5 ft 3 in}; null if the second is no smaller unit of the same kind. */
    private Answer compound(List<Token> tokens) {
        for (int i = 2; i + 1 < tokens.size(); i++) {
            Token before = tokens.get(i - 1);
            if (tokens.get(i).kind() == Kind.NUMBER && before.kind() == Kind.WORD && Units.isUnit(before.text())) {
                return of(tokens.subList(0, i)) instanceof Answer.Formula large
                                && of(tokens.subList(i, tokens.size())) instanceof Answer.Formula small
                        ? Lists.sum(large, small)
                        : null;
            }
        }
        return null;
    }

    /** {@code 3 to 2}, {@code 3 out of 4}. */
    private Answer to(List<Token> tokens) {
        for (int i = 1; i + 1 < tokens.size(); i++) {
            boolean outOf = tokens.get(i).isWord("out") && tokens.get(i + 1).isWord("of");
            if (tokens.get(i).isWord("to") || outOf) {
                int behind = outOf ? i + 2 : i + 1;
                return new Answer.Ratio(
                        List.of(parse(tokens.subList(0, i)), parse(tokens.subList(behind, tokens.size()))));
            }
        }
        return null;
    }
}
