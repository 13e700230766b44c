package io.github.psft4j.hf.peft;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which linear modules get an adapter, by the rules of PEFT 0.21.
 *
 * @param target modules that are adapted
 * @param exclude modules of these that are not
 * @param layers numbers of the layers that are adapted; empty for all. An entry of target that is a full name counts in
 *     every layer
 * @param layersPattern names of the list of layers, such as {@code layers} or {@code h}; empty for the first number of
 *     a name
 */
public record ModuleRules(ModuleNames target, ModuleNames exclude, List<Integer> layers, List<String> layersPattern) {

    /** Every linear module but the head. */
    public static final ModuleRules ALL_LINEAR =
            new ModuleRules(ModuleNames.ALL_LINEAR, ModuleNames.NONE, List.of(), List.of());

    private static final Pattern FIRST_NUMBER = Pattern.compile(".*?\\.[^.]*\\.(\\d+)\\.");

    /** @throws IllegalArgumentException if layers are chosen although target is a regular expression */
    public ModuleRules {
        layers = List.copyOf(layers);
        layersPattern = List.copyOf(layersPattern);
        if (!layers.isEmpty() && target.pattern() != null && !target.equals(ModuleNames.ALL_LINEAR)) {
            throw new IllegalArgumentException("layers_to_transform " + layers
                    + " needs a list of target modules, not the regular expression '" + target.pattern()
                    + "'; put the numbers into the expression");
        }
    }

    /** Adapts the modules with these names or ends of names. */
    public static ModuleRules of(String... names) {
        return new ModuleRules(ModuleNames.of(List.of(names)), ModuleNames.NONE, List.of(), List.of());
    }

    /** Whether a module is adapted. */
    public boolean matches(String module) {
        if (exclude.matches(module) || !target.matches(module)) {
            return false;
        }
        return layers.isEmpty() || target.holds(module) || layers.contains(layer(module));
    }

    /** Number of the module's layer, -1 if it has none. */
    private int layer(String module) {
        if (layersPattern.isEmpty()) {
            return number(FIRST_NUMBER, module);
        }
        for (String pattern : layersPattern) {
            int number = number(Pattern.compile(".*\\." + pattern + "\\.(\\d+)\\."), module);
            if (number >= 0) {
                return number;
            }
        }
        return -1;
    }

    private static int number(Pattern pattern, String module) {
        Matcher matcher = pattern.matcher(module);
        return matcher.lookingAt() ? Integer.parseInt(matcher.group(1)) : -1;
    }

    /** The value of the first key that is a regular expression for the module's name or its end. */
    static <T> T first(Map<String, T> patterns, String module, T otherwise) {
        for (Map.Entry<String, T> entry : patterns.entrySet()) {
            if (fits(entry.getKey(), module)) {
                return entry.getValue();
            }
        }
        return otherwise;
    }

    /** Whether a key is a regular expression for the module's name or its end. */
    static boolean fits(String key, String module) {
        return Pattern.matches("(.*\\.)?(" + key + ")", module);
    }
}
