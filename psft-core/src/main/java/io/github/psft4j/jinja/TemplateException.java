package io.github.psft4j.jinja;

/** A template that cannot be read or rendered. The message says what Python would say, and the line. */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean raisedByTemplate;
    private int line;

    private TemplateException(String message, boolean raisedByTemplate, int line) {
        super(message);
        this.raisedByTemplate = raisedByTemplate;
        this.line = line;
    }

    static TemplateException of(String message) {
        return new TemplateException(message, false, 0);
    }

    static TemplateException of(String message, int line) {
        return new TemplateException(message, false, line);
    }

    /** What the template said itself, by {@code raise_exception}. */
    static TemplateException raised(String message) {
        return new TemplateException(message, true, 0);
    }

    /** Adds the line, unless a statement further in has done so. */
    TemplateException at(int where) {
        if (line == 0) {
            line = where;
        }
        return this;
    }

    /** @return whether the template refused the conversation by {@code raise_exception} */
    public boolean raisedByTemplate() {
        return raisedByTemplate;
    }

    /** @return line of the template from 1, 0 if unknown */
    public int line() {
        return line;
    }

    /** @return the template's own words after {@code raise_exception}, otherwise the problem and the line */
    @Override
    public String getMessage() {
        String message = super.getMessage();
        return raisedByTemplate || line == 0 ? message : message + " (line " + line + " of the template)";
    }
}
