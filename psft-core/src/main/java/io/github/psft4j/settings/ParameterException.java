package io.github.psft4j.settings;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A value that a setting or a parameter of an objective does not take. */
public final class ParameterException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String name;
    private final String problem;
    private final List<ParameterException> others; // faults of the same record

    /**
     * @param name the component of the record
     * @param problem what is wrong, such as {@code must be above 0, was -1}
     */
    public ParameterException(String name, String problem) {
        this(name, name + " " + problem, problem, List.of());
    }

    private ParameterException(String name, String message, String problem, List<ParameterException> others) {
        super(message);
        this.name = name;
        this.problem = problem;
        this.others = others;
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

    /**
     * Reports the faults of a record together.
     *
     * @throws ParameterException with the name and the problem of the first, and the messages of all
     */
    public static void throwAll(List<ParameterException> faults) {
        if (!faults.isEmpty()) {
            ParameterException first = faults.get(0);
            String message = faults.stream().map(Throwable::getMessage).collect(Collectors.joining("; "));
            throw new ParameterException(
                    first.name, message, first.problem, List.copyOf(faults.subList(1, faults.size())));
        }
    }

    /** This fault, then the others of the same record. */
    public List<ParameterException> all() {
        return Stream.concat(Stream.of(this), others.stream()).toList();
    }

    /** The same fault with another subject in front of the problem. */
    public ParameterException as(String subject) {
        return new ParameterException(name, subject + " " + problem, problem, others);
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
