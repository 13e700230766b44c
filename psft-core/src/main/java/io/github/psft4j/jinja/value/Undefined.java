package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.TemplateError;

/** A name, key or attribute that is not there. Prints as nothing, is false and empty; any other use is an error. */
public final class Undefined {
    private final String hint;

    /** @param hint why it cannot be used */
    public Undefined(String hint) {
        this.hint = hint;
    }

    public static Undefined name(String name) {
        return new Undefined(Printing.repr(name) + " is undefined");
    }

    public static Undefined of(Object owner, Object key) {
        String type = owner == null ? "None" : Types.name(owner) + " object";
        return new Undefined(
                key instanceof String
                        ? Printing.quote(type) + " has no attribute " + Printing.repr(key)
                        : type + " has no element " + Printing.repr(key));
    }

    public static Undefined unsafe(Object owner, String name) {
        return new Undefined("access to attribute " + Printing.quote(name) + " of " + Printing.quote(Types.name(owner))
                + " object is unsafe: templates may not change values");
    }

    /** @throws TemplateError if the value is undefined */
    public static void refuse(Object value) {
        if (value instanceof Undefined undefined) {
            throw TemplateError.of(undefined.hint);
        }
    }

    /** @return why an undefined value cannot be used; for any other value, the problem */
    public static TemplateError error(Object value, String problem) {
        return TemplateError.of(value instanceof Undefined undefined ? undefined.hint : problem);
    }

    /** As in Jinja2, all undefined values are equal. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 1;
    }
}
