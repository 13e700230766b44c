package io.github.psft4j.jinja.tree;

import java.util.List;

/**
 * Parameters of a macro.
 *
 * @param defaults of the last parameters
 */
public record MacroParameters(List<String> names, List<Expression> defaults) {
    public static final MacroParameters EMPTY = new MacroParameters(List.of(), List.of());

    /** @return the default of a parameter, null if it has none */
    Expression defaultOf(int parameter) {
        int index = parameter - (names.size() - defaults.size());
        return index < 0 ? null : defaults.get(index);
    }
}
