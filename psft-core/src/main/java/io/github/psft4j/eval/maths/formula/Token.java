package io.github.psft4j.eval.maths.formula;

/**
 * A piece of a formula.
 *
 * @param kind what it is
 * @param text the number as digits, the name, the word, or the operator in its plain form
 * @param space whether space stands in front of it
 */
public record Token(Kind kind, String text, boolean space) {

    /** Kinds of tokens. */
    public enum Kind {
        /** Digits, perhaps with a decimal point. */
        NUMBER,
        /** A number whose value is known already: another base, an exponent of ten, a period. */
        VALUE,
        /** A variable or constant. */
        NAME,
        /** A function such as {@code sin}. */
        FUNCTION,
        /** A word, such as a unit. */
        WORD,
        /** An operator, bracket or separator. */
        OPERATOR,
        /** Behind the last token. */
        END
    }

    /** Behind the last token. */
    public static final Token END = new Token(Kind.END, "", false);

    /** Whether this is an operator with this text. */
    public boolean is(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    /** Whether this is this word, in any case. */
    public boolean isWord(String word) {
        return kind == Kind.WORD && text.equalsIgnoreCase(word);
    }
}
