package io.github.psft4j.jinja.run;

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

    /** What the template said itself, by {@code raise_exception}. */
    public static TemplateError raised(String message) {
        return new TemplateError(message, true, 0);
    }

    /** Adds the line, unless a statement further in has done so. */
    public TemplateError at(int where) {
        if (line == 0) {
            line = where;
        }
        return this;
    }

    public boolean raisedByTemplate() {
        return raisedByTemplate;
    }

    public int line() {
        return line;
    }
}
