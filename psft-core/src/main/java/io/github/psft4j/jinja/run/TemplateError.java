package io.github.psft4j.jinja.run;

import java.util.function.Supplier;

/** A problem of a template in the words that Python would use; callers outside see a TemplateException. */
public final class TemplateError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean raisedByTemplate;
    private int line;

    private TemplateError(String message, boolean raisedByTemplate, int line) {
        super(message);
        this.raisedByTemplate = raisedByTemplate;
        this.line = line;
    }

    public static TemplateError of(String message) {
        return new TemplateError(message, false, 0);
    }

    public static TemplateError of(String message, int line) {
        return new TemplateError(message, false, line);
    }

    /**
     * Refuses what Python refuses.
     *
     * @param refused whether to throw
     * @param message with a {@code %s} for each of the values
     */
    public static void when(boolean refused, String message, Object... values) {
        if (refused) {
            throw of(String.format(message, values));
        }
    }

    /** The template's own message, from {@code raise_exception}. */
    public static TemplateError raised(String message) {
        return new TemplateError(message, true, 0);
    }

    /** Runs the body and adds the line to its error, unless a node further in has done so. */
    public static <T> T at(int line, Supplier<T> body) {
        try {
            return body.get();
        } catch (TemplateError e) {
            if (e.line == 0) {
                e.line = line;
            }
            throw e;
        }
    }

    public boolean raisedByTemplate() {
        return raisedByTemplate;
    }

    public int line() {
        return line;
    }
}
