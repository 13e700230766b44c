package io.github.psft4j.jinja;

import java.util.List;

/**
 * Parameters of a macro.
 *
 * @param defaults of the last parameters
 */
record MacroParameters(List<String> names, List<Expression> defaults) {
    static final MacroParameters EMPTY = new MacroParameters(List.of(), List.of());

    /** @return the default of a parameter, null if it has none */
    Expression defaultOf(int parameter) {
        int index = parameter - (names.size() - defaults.size());
        return index < 0 ? null : defaults.get(index);
    }
}
