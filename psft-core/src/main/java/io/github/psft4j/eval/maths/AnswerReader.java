package io.github.psft4j.eval.maths;

import io.github.psft4j.eval.maths.formula.Budget;
import io.github.psft4j.eval.maths.formula.Expr;
import io.github.psft4j.eval.maths.formula.Lexer;
import io.github.psft4j.eval.maths.formula.Parser;
import io.github.psft4j.eval.maths.formula.Plain;
import io.github.psft4j.eval.maths.formula.Token;
import io.github.psft4j.eval.maths.formula.Token.Kind;
import io.github.psft4j.eval.maths.formula.Unreadable;
import io.github.psft4j.eval.maths.formula.WordNumbers;
import io.github.psft4j.eval.maths.formula.Words;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads an answer: numbers, formulas, lists, tuples, intervals, matrices, relations, quantities, words. */
final class AnswerReader {

    /** Longer answers are compared as text. */
    static final int MAX_LENGTH = 3_000;

    private static final Set<String> RELATIONS = Set.of("=", "approx", "<", ">", "<=", ">=", "!=", "in", "->");

    private final Budget budget;

    AnswerReader(Budget budget) {
        this.budget = budget;
    }

    /** The answer; text that is no formula is {@link Answer.Text}. */
    Answer read(String raw, boolean thousandsInBrackets) {
        String text = trim(raw);
        if (text.length() <= MAX_LENGTH) {
            try {
                budget.spend(text.length());
                return tokens(Lexer.tokens(Plain.of(text), thousandsInBrackets));
            } catch (Unreadable | ArithmeticException | NumberFormatException e) {
                return new Answer.Text(TextForm.of(text));
            }
        }
        return new Answer.Text(TextForm.of(text));
    }

    /** Without Markdown around it and the full stop behind it. */
    static String trim(String raw) {
        String s = raw.strip();
        while (!s.isEmpty()) {
            char last = s.charAt(s.length() - 1);
            char first = s.charAt(0);
            boolean behind = ".,;:*`\"?".indexOf(last) >= 0 || last == '\'' && first == '\'' || last == '_';
            boolean dots = s.endsWith("...");
            if (behind && !dots) {
                s = s.substring(0, s.length() - 1).strip();
            } else if ("*`\":;".indexOf(first) >= 0) {
                s = s.substring(1).strip();
            } else {
                break;
            }
        }
        return s;
    }

    private Answer tokens(List<Token> given) {
        List<Token> tokens = WordNumbers.replace(given);
        tokens = unfilled(tokens);
        if (tokens.isEmpty()) {
            throw new Unreadable("nothing");
        }
        budget.spend(tokens.size());
        List<Part> parts = split(tokens);
        return parts.size() > 1
                ? new Lists(budget).of(parts, this::one)
                : one(parts.get(0).tokens());
    }

    /** One of several answers, and the word in front of it. */
    record Part(String joint, List<Token> tokens) {}

    private static List<Token> unfilled(List<Token> tokens) {
        int from = 0;
        int to = tokens.size();
        while (from < to && filler(tokens.get(from))) {
            from++;
        }
        while (to > from
                && (filler(tokens.get(to - 1)) && !inches(tokens, to - 1)
                        || tokens.get(to - 1).is(".")
                        || tokens.get(to - 1).is(","))) {
            to--;
        }
        return tokens.subList(from, to);
    }

    /** {@code 3 in}. */
    private static boolean inches(List<Token> tokens, int at) {
        return at > 0 && tokens.get(at).isWord("in") && tokens.get(at - 1).kind() == Kind.NUMBER;
    }

    private static boolean filler(Token t) {
        return t.kind() == Kind.WORD && Words.FILLERS.contains(t.text().toLowerCase(Locale.ROOT));
    }

    private static List<Part> split(List<Token> tokens) {
        List<Part> parts = new ArrayList<>();
        int depth = 0;
        int from = 0;
        String joint = "";
        for (int i = 0; i <= tokens.size(); i++) {
            Token t = i < tokens.size() ? tokens.get(i) : Token.END;
            depth += depth(t);
            String next = t.is(",") || t.is(";")
                    ? ","
                    : t.isWord("and") || t.is("and") ? "and" : t.isWord("or") || t.is("or") ? "or" : null;
            if (t.kind() == Kind.END || depth <= 0 && next != null) {
                if (i > from) {
                    parts.add(new Part(joint, tokens.subList(from, i)));
                    joint = next;
                } else if (next != null) {
                    joint = next; // ", and"
                }
                from = i + 1;
            }
        }
        if (parts.isEmpty()) {
            throw new Unreadable("nothing");
        }
        return parts;
    }

    /** What a token adds to the depth of brackets. */
    static int depth(Token t) {
        if (t.kind() != Kind.OPERATOR) {
            return 0;
        }
        return switch (t.text()) {
            case "(", "[", "{", "S{", "<(", "floor(", "ceil(", "begin" -> 1;
            case ")", "]", "}", "S}", ">)", "floor)", "ceil)", "end" -> -1;
            default -> 0;
        };
    }

    /** An answer without commas at the top. */
    Answer one(List<Token> given) {
        List<Token> tokens = unfilled(given);
        if (tokens.isEmpty()) {
            throw new Unreadable("nothing");
        }
        budget.spend(tokens.size());
        List<Integer> relations = at(tokens, RELATIONS);
        if (!relations.isEmpty()) {
            return new Relations(budget, this).of(tokens, relations);
        }
        List<Integer> unions = at(tokens, Set.of("cup", "cap", "\\"));
        if (!unions.isEmpty()) {
            return sets(tokens, unions);
        }
        Answer group = group(tokens);
        if (group != null) {
            return group;
        }
        if (isNamedPoint(tokens)) {
            return group(tokens.subList(1, tokens.size()));
        }
        Answer scaled = Matrices.scaled(tokens, this::one);
        if (scaled != null) {
            return scaled;
        }
        List<Integer> colons = at(tokens, Set.of(":"));
        if (!colons.isEmpty()) {
            return ratio(tokens, colons);
        }
        return new Quantities(budget).of(tokens);
    }

    /** {@code A(2, 3)}: the name of a point says nothing. */
    private static boolean isNamedPoint(List<Token> tokens) {
        return tokens.size() > 4
                && tokens.get(0).kind() == Kind.NAME
                && tokens.get(0).text().matches("[A-Z]")
                && tokens.get(1).is("(")
                && whole(tokens.subList(1, tokens.size()))
                && split(tokens.subList(2, tokens.size() - 1)).size() > 1;
    }

    /** Places of operators outside brackets. */
    static List<Integer> at(List<Token> tokens, Set<String> operators) {
        List<Integer> out = new ArrayList<>();
        int depth = 0;
        for (int i = 0; i < tokens.size(); i++) {
            Token t = tokens.get(i);
            depth += depth(t);
            if (depth == 0 && t.kind() == Kind.OPERATOR && operators.contains(t.text())) {
                out.add(i);
            }
        }
        return out;
    }

    private Answer sets(List<Token> tokens, List<Integer> operators) {
        RealSet set = null;
        int from = 0;
        String operator = "cup";
        for (int i = 0; i <= operators.size(); i++) {
            int to = i < operators.size() ? operators.get(i) : tokens.size();
            RealSet next = new RealSets(budget).of(one(tokens.subList(from, to)), true);
            if (next == null) {
                throw new Unreadable("no set of numbers");
            }
            set = set == null
                    ? next
                    : switch (operator) {
                        case "cup" -> set.union(next);
                        case "cap" -> set.intersect(next);
                        default -> set.intersect(next.complement());
                    };
            if (i < operators.size()) {
                operator = tokens.get(to).text();
                from = to + 1;
            }
        }
        return new Answer.Reals(set);
    }

    /** A tuple, set, interval or matrix that all tokens make; null if they make none. */
    private Answer group(List<Token> tokens) {
        Token first = tokens.get(0);
        if (first.is("reals") && tokens.size() == 1) {
            return new Answer.Reals(RealSet.ALL);
        }
        if (first.is("emptyset") && tokens.size() == 1) {
            return new Answer.Many(List.of(), true);
        }
        if (!whole(tokens)) {
            return null;
        }
        List<Token> inner = tokens.subList(1, tokens.size() - 1);
        String open = first.text();
        String close = tokens.get(tokens.size() - 1).text();
        if (open.equals("floor(") || open.equals("ceil(")) {
            return null; // a number
        }
        if (open.equals("[") && !inner.isEmpty() && inner.get(0).is("begin") && whole(inner)) {
            return one(inner); // an array in brackets
        }
        if (open.equals("begin")) {
            return Matrices.read(tokens, this::one);
        }
        if (open.equals("S{") || open.equals("{")) {
            return set(inner, open.equals("S{"));
        }
        List<Part> parts = inner.isEmpty() ? List.of() : split(inner);
        if (parts.size() < 2) {
            boolean brackets = Set.of("(", "[").contains(open) && parts.size() == 1;
            return brackets && at(inner, RELATIONS).isEmpty() ? null : parts.size() == 1 ? one(inner) : null;
        }
        return new Answer.Group(
                open, close, parts.stream().map(p -> one(p.tokens())).toList());
    }

    private Answer set(List<Token> inner, boolean braces) {
        if (inner.isEmpty()) {
            return new Answer.Many(List.of(), true);
        }
        List<Integer> bars = at(inner, Set.of("|", ":"));
        if (braces && bars.size() == 1 && bars.get(0) > 0 && bars.get(0) < inner.size() - 1) {
            return tokens(inner.subList(bars.get(0) + 1, inner.size())); // x | x > 3
        }
        List<Part> parts = split(inner);
        if (!braces && parts.size() == 1) {
            return one(inner);
        }
        return new Answer.Many(parts.stream().map(p -> one(p.tokens())).toList(), true);
    }

    /** Whether the first bracket is closed by the last token. */
    private static boolean whole(List<Token> tokens) {
        if (tokens.size() < 2 || depth(tokens.get(0)) != 1) {
            return false;
        }
        if (tokens.get(0).is("begin")) {
            for (int i = 1; i < tokens.size(); i++) {
                if (tokens.get(i).is("end")) {
                    return i >= tokens.size() - 4;
                }
            }
            return false;
        }
        int depth = 0;
        for (int i = 0; i < tokens.size(); i++) {
            depth += depth(tokens.get(i));
            if (depth == 0) {
                return i == tokens.size() - 1;
            }
        }
        return false;
    }

    private Answer ratio(List<Token> tokens, List<Integer> colons) {
        List<Expr> parts = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= colons.size(); i++) {
            int to = i < colons.size() ? colons.get(i) : tokens.size();
            parts.add(Parser.parse(tokens.subList(from, to)));
            from = to + 1;
        }
        return new Answer.Ratio(parts);
    }

    /** Distinct names of formulas, for lists of assignments. */
    static boolean distinct(List<String> names) {
        return new HashSet<>(names).size() == names.size();
    }
}
