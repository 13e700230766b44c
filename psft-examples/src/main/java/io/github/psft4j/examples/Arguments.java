package io.github.psft4j.examples;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** {@code --name value} pairs of a command line. */
final class Arguments {

    private final Map<String, String> values = new LinkedHashMap<>();

    /**
     * Reads {@code args}.
     *
     * @throws IllegalArgumentException naming the argument, if one is not {@code --name} with one of {@code names}, has
     *     no value or is given twice
     */
    Arguments(String[] args, String... names) {
        for (int i = 0; i < args.length; i += 2) {
            String name = args[i].startsWith("--") ? args[i].substring(2) : "";
            if (!List.of(names).contains(name)) {
                throw new IllegalArgumentException(
                        "unknown argument " + args[i] + "; there are --" + String.join(", --", names));
            }
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            }
            if (values.putIfAbsent(name, args[i + 1]) != null) {
                throw new IllegalArgumentException(args[i] + " is given twice");
            }
        }
    }

    /**
     * The value of {@code --name}.
     *
     * @param parse turns the text into the value
     * @param ifAbsent the value if the argument was not given
     * @throws IllegalArgumentException naming argument and value, if it cannot be parsed
     */
    <T> T get(String name, Function<String, T> parse, T ifAbsent) {
        String text = values.get(name);
        if (text == null) {
            return ifAbsent;
        }
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--" + name + " cannot be " + text + ": " + e.getMessage(), e);
        }
    }
}
