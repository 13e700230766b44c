package io.github.psft4j.eval.maths.formula;

import java.util.ArrayList;
import java.util.List;

/** A place in a list of tokens, with the depth of what is being read there. */
abstract class Cursor {

    private static final int MAX_DEPTH = 60;

    final List<Token> tokens;
    int at;
    private int depth;

    Cursor(List<Token> tokens) {
        this.tokens = new ArrayList<>(tokens);
    }

    /** @throws Unreadable beyond the greatest depth, which keeps the stack short */
    final void enter() {
        if (++depth > MAX_DEPTH) {
            throw new Unreadable("nested too deeply");
        }
    }

    final void leave() {
        depth--;
    }

    final Token peek() {
        return peek(0);
    }

    final Token peek(int ahead) {
        return at + ahead < tokens.size() ? tokens.get(at + ahead) : Token.END;
    }

    final boolean take(String operator) {
        if (peek().is(operator)) {
            at++;
            return true;
        }
        return false;
    }

    final void expect(String operator) {
        if (!take(operator)) {
            throw new Unreadable("expected " + operator);
        }
    }
}
