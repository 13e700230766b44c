package io.github.psft4j.eval.maths;

import io.github.psft4j.eval.maths.formula.Expr;
import io.github.psft4j.eval.maths.formula.Parser;
import io.github.psft4j.eval.maths.formula.Token;
import io.github.psft4j.eval.maths.formula.Token.Kind;
import io.github.psft4j.eval.maths.formula.Unreadable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads the matrix environments of LaTeX. */
final class Matrices {

    private Matrices() {}

    /** A number in front of a matrix, {@code 2 \begin{pmatrix} ... }, multiplied in; null if there is none. */
    static Answer scaled(List<Token> tokens, Function<List<Token>, Answer> entry) {
        int begin = 1;
        while (begin < tokens.size() && !tokens.get(begin).is("begin")) {
            begin++;
        }
        if (begin == tokens.size() || AnswerReader.depth(tokens.get(0)) != 0) {
            return null;
        }
        boolean times = tokens.get(begin - 1).is("*");
        List<Token> front = tokens.subList(0, times ? begin - 1 : begin);
        Expr factor = front.size() == 1 && front.get(0).is("-") ? Expr.Num.of(-1) : Parser.parse(front);
        if (!(entry.apply(tokens.subList(begin, tokens.size())) instanceof Answer.Table table)) {
            throw new Unreadable("no matrix behind a factor");
        }
        return new Answer.Table(table.rows().stream()
                .map(row -> row.stream().map(e -> times(factor, e)).toList())
                .toList());
    }

    private static Answer times(Expr factor, Answer entry) {
        if (entry instanceof Answer.Formula f && f.unit() == null) {
            return new Answer.Formula(Expr.call("*", factor, f.value()), null, null);
        }
        throw new Unreadable("an entry that is no formula");
    }

    /** A matrix from the tokens of {@code \begin{pmatrix} ... \end{pmatrix}}. */
    static Answer read(List<Token> tokens, Function<List<Token>, Answer> entry) {
        // begin { pmatrix } ... end { pmatrix }
        if (tokens.size() < 8
                || !tokens.get(1).is("{")
                || tokens.get(2).kind() != Kind.WORD
                || !tokens.get(3).is("}")) {
            throw new Unreadable("no matrix");
        }
        String name = tokens.get(2).text();
        if (!List.of("pmatrix", "bmatrix", "Bmatrix", "matrix", "smallmatrix", "array")
                .contains(name)) {
            throw new Unreadable("the environment " + name);
        }
        int from = 4;
        if (name.equals("array") && tokens.get(4).is("{")) {
            while (from < tokens.size() && !tokens.get(from).is("}")) {
                from++;
            }
            from++;
        }
        int end = from;
        while (end < tokens.size() && !tokens.get(end).is("end")) {
            end++;
        }
        List<List<Answer>> rows = new ArrayList<>();
        List<Answer> row = new ArrayList<>();
        int depth = 0;
        int start = from;
        for (int i = from; i <= end; i++) {
            Token t = i < end ? tokens.get(i) : new Token(Kind.OPERATOR, "row", false);
            depth += i < end ? AnswerReader.depth(t) : 0;
            if (depth == 0 && (t.is("&") || t.is("row"))) {
                if (i > start) {
                    row.add(entry.apply(tokens.subList(start, i)));
                } else if (t.is("&") || !row.isEmpty()) {
                    throw new Unreadable("an empty entry");
                }
                start = i + 1;
                if (t.is("row") && !row.isEmpty()) {
                    rows.add(List.copyOf(row));
                    row.clear();
                }
            }
        }
        if (rows.isEmpty()
                || rows.stream().anyMatch(r -> r.size() != rows.get(0).size())) {
            throw new Unreadable("rows of different lengths");
        }
        return new Answer.Table(rows);
    }
}
