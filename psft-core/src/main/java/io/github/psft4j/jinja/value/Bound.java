package io.github.psft4j.jinja.value;

/**
 * The arguments of a call, sorted to the parameters of the function. The i-th argument belongs to the i-th parameter.
 *
 * @param args the arguments as they were written
 * @param function name for messages
 * @param parameters names; {@code ?} at the end marks one that may be left out
 * @param values one per parameter, {@link Args#ABSENT} for one left out
 */
public record Bound(Args args, String function, String[] parameters, Object[] values) {
    public Object get(int i) {
        return values[i];
    }

    /** @return the argument, or the default if it was not given */
    public Object or(int i, Object otherwise) {
        return values[i] == Args.ABSENT ? otherwise : values[i];
    }

    /** @return whether the argument is true; false if it was not given */
    public boolean flag(int i) {
        return values[i] != Args.ABSENT && Types.truth(values[i]);
    }

    /** @return an int, cut to the range of a Java int */
    public int index(int i) {
        return PythonNumbers.index(values[i], parameters[i].replace("?", ""));
    }

    public int index(int i, int otherwise) {
        return values[i] == Args.ABSENT ? otherwise : index(i);
    }

    public String text(int i) {
        return Types.text(function, values[i]);
    }

    /** @return a text; null also if it is None */
    public String textOrNull(int i) {
        return or(i, null) == null ? null : text(i);
    }
}
