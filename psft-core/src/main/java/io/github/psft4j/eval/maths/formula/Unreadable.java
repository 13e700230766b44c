package io.github.psft4j.eval.maths.formula;

/** A text is no formula, or a formula has no value. Never leaves the package. */
public final class Unreadable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Without a stack trace, since readers try often. */
    public Unreadable(String why) {
        super(why, null, false, false);
    }
}
