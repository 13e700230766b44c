package io.github.psft4j.jinja.value;

/** A value with attributes of its own, such as {@code loop} or a macro. */
public interface PythonObject {
    /** @return the attribute, {@link Args#ABSENT} if there is none of that name */
    Object member(String name);

    /** Python's name for the type. */
    default String typeName() {
        return getClass().getSimpleName();
    }

    /** {@code repr(value)}, without the address that Python adds. */
    default String repr() {
        return "<" + typeName() + " object>";
    }

    /** {@code len(value)}, -1 if there is none. */
    default int length() {
        return -1;
    }
}
