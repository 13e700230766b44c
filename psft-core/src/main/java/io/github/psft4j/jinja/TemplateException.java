package io.github.psft4j.jinja;

import io.github.psft4j.jinja.run.TemplateError;

/** A template that cannot be read or rendered. The message says what Python would say, and the line. */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean raisedByTemplate;
    private final int line;

    TemplateException(TemplateError error) {
        super(error.getMessage(), error);
        this.raisedByTemplate = error.raisedByTemplate();
        this.line = error.line();
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
