package io.github.psft4j.eval.maths;

import io.github.psft4j.eval.maths.formula.Token;
import io.github.psft4j.eval.maths.formula.Token.Kind;
import io.github.psft4j.eval.maths.formula.Unreadable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads the matrix environments of LaTeX. */
final class Matrices {

    private Matrices() {}

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
