package io.github.psft4j.settings;

/** A value that a setting or a parameter of an objective does not take. */
public final class ParameterException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String name;
    private final String problem;

    /**
     * @param name the component of the record
     * @param problem what is wrong, such as {@code must be above 0, was -1}
     */
    public ParameterException(String name, String problem) {
        this(name, name + " " + problem, problem);
    }

    private ParameterException(String name, String message, String problem) {
        super(message);
        this.name = name;
        this.problem = problem;
    }

    /**
     * Refuses a value.
     *
     * @param rule such as {@code must be above 0}
     * @throws ParameterException unless the value is allowed
     */
    public static void check(boolean allowed, String name, String rule, Object value) {
        if (!allowed) {
            throw new ParameterException(name, rule + ", was " + value);
        }
    }

    /** The same fault with another subject in front of the problem. */
    public ParameterException as(String subject) {
        return new ParameterException(name, subject + " " + problem, problem);
    }

    /** The component of the record that has the value. */
    public String name() {
        return name;
    }

    /** The message without its subject. */
    public String problem() {
        return problem;
    }
}
