package io.github.psft4j.hf.peft;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Refuses settings of a new adapter that name what its model does not have. PEFT 0.21 passes over most of them, so that
 * a misspelt name trains another adapter than was meant. Adapters that are read from files are not checked.
 */
public final class UnusedNames {

    private UnusedNames() {}

    /**
     * Checks the names of modules and layers, but for {@code modules_to_save}.
     *
     * @param modules full names of the linear modules of the model
     * @param layers number of layers
     * @throws IllegalArgumentException naming the setting, the name and what there is
     */
    public static void check(LoraConfig lora, List<String> modules, int layers) {
        ModuleRules rules = lora.modules();
        String there = "; the linear modules of this model end in " + ends(modules);
        for (int layer : rules.layers()) {
            require(layer < layers, "layers", layer, "is none of this model, whose layers are 0 to " + (layers - 1));
        }
        requireNames("target_modules", rules.target(), modules, there);
        requireNames("exclude_modules", rules.exclude(), modules, there);
        List<String> adapted = modules.stream().filter(rules::matches).toList();
        boolean all = modules.stream().filter(rules.target()::matches).allMatch(rules.exclude()::matches);
        require(!all, "exclude_modules", rules.exclude(), "leaves no module of target_modules");
        requireKeys("rank_pattern", lora.rankPattern().keySet(), adapted);
        requireKeys("alpha_pattern", lora.alphaPattern().keySet(), adapted);
    }

    /**
     * Checks {@code modules_to_save}.
     *
     * @param saved full names of what is trained whole
     * @throws IllegalArgumentException naming an entry that is none of them
     */
    public static void checkSaved(LoraConfig lora, Set<String> saved) {
        for (String name : lora.modulesToSave()) {
            require(
                    saved.stream().anyMatch(new ModuleNames(List.of(name), null)::matches),
                    "modules_to_save",
                    name,
                    "matches no module of this model; embedding, head (lm_head) and norms can be trained whole");
        }
    }

    private static void requireNames(String setting, ModuleNames names, List<String> modules, String there) {
        if (names.pattern() != null) {
            requireAny(modules, names::matches, setting, names, there);
        }
        for (String name : names.list()) {
            if (!name.matches("(.*\\.)?(lm_head|embed_tokens|wte)")) { // the adapter says what to do with these
                requireAny(modules, new ModuleNames(List.of(name), null)::matches, setting, name, there);
            }
        }
    }

    private static void requireKeys(String setting, Set<String> keys, List<String> adapted) {
        for (String key : keys) {
            String there = "; modules with an adapter end in " + ends(adapted);
            requireAny(adapted, module -> ModuleRules.fits(key, module), setting, key, there);
        }
    }

    private static void requireAny(
            List<String> modules, Predicate<String> matches, String setting, Object name, String there) {
        require(modules.stream().anyMatch(matches), setting, name, "matches no module" + there);
    }

    private static void require(boolean ok, String setting, Object name, String problem) {
        if (!ok) {
            throw new IllegalArgumentException(setting + ": " + name + " " + problem);
        }
    }

    private static Set<String> ends(List<String> modules) {
        Set<String> ends = new TreeSet<>();
        modules.forEach(module -> ends.add(module.substring(module.lastIndexOf('.') + 1)));
        return ends;
    }
}
