package io.github.psft4j.eval.maths.formula;

/** Steps and time that one judgement may take. */
public final class Budget {

    /** The judgement would take too long. */
    public static final class Exceeded extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Exceeded() {
            super("too many steps", null, false, false);
        }
    }

    private final long end;
    private long steps;

    /** So many nanoseconds from now, and so many steps. */
    public Budget(long nanos, long steps) {
        this.end = System.nanoTime() + nanos;
        this.steps = steps;
    }

    /** Pays for work. */
    public void spend(long cost) {
        steps -= cost;
        if (steps < 0 || System.nanoTime() - end > 0) {
            throw new Exceeded();
        }
    }
}
