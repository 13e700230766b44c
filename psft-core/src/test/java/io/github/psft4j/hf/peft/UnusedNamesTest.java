package io.github.psft4j.hf.peft;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A name that no module of the model has is refused with what there is; PEFT passes over it. */
class UnusedNamesTest {

    private static final List<String> MODULES = List.of(
            "model.layers.0.self_attn.q_proj",
            "model.layers.0.mlp.up_proj",
            "model.layers.1.self_attn.q_proj",
            "model.layers.1.mlp.up_proj");

    @ParameterizedTest
    @MethodSource
    void aNameWithoutAModuleIsRefused(LoraConfig lora, String said) {
        String message = assertThrows(IllegalArgumentException.class, () -> UnusedNames.check(lora, MODULES, 2))
                .getMessage();
        assertTrue(message.startsWith(said), message);
    }

    static Stream<Arguments> aNameWithoutAModuleIsRefused() {
        ModuleNames all = ModuleNames.ALL_LINEAR;
        ModuleNames up = ModuleNames.of(List.of("up_proj"));
        ModuleNames typo = ModuleNames.of(List.of("q_proj", "up_prj"));
        return Stream.of(
                Arguments.of(of(typo, ModuleNames.NONE, List.of()), "target_modules: up_prj matches no module; the"),
                Arguments.of(of(all, ModuleNames.of("mlp"), List.of()), "exclude_modules: 'mlp' matches no module"),
                Arguments.of(of(all, typo, List.of()), "exclude_modules: up_prj matches no module"),
                Arguments.of(of(up, up, List.of()), "exclude_modules: [up_proj] leaves no module of target_modules"),
                Arguments.of(
                        of(up, ModuleNames.NONE, List.of(0, 2)),
                        "layers: 2 is none of this model, whose layers are 0 to 1"),
                Arguments.of(
                        patterns(up, Map.of("q_proj", 4), Map.of()),
                        "rank_pattern: q_proj matches no module; modules with an adapter end in [up_proj]"),
                Arguments.of(patterns(all, Map.of(), Map.of("o_proj", 4.0)), "alpha_pattern: o_proj matches no"));
    }

    @Test
    void namesOfModulesPass() {
        LoraConfig named =
                of(ModuleNames.of(List.of("q_proj", "model.layers.1.mlp.up_proj")), ModuleNames.NONE, List.of());
        assertDoesNotThrow(() -> UnusedNames.check(named, MODULES, 2));
        LoraConfig ranks = patterns(ModuleNames.ALL_LINEAR, Map.of("layers.1.mlp.up_proj", 4), Map.of(".*q_proj", 2.0));
        assertDoesNotThrow(() -> UnusedNames.check(ranks, MODULES, 2));
    }

    @Test
    void whatIsTrainedWholeMustBeThere() {
        LoraConfig lora = new LoraConfig(
                4, 8, 0, false, ModuleRules.ALL_LINEAR, Map.of(), Map.of(), List.of("lm_head", "norm", "wte"));
        Set<String> saved = Set.of("lm_head", "model.norm");
        String message = assertThrows(IllegalArgumentException.class, () -> UnusedNames.checkSaved(lora, saved))
                .getMessage();
        assertTrue(message.startsWith("modules_to_save: wte matches no module"), message);
    }

    private static LoraConfig of(ModuleNames target, ModuleNames exclude, List<Integer> layers) {
        return LoraConfig.of(4, 8).with(new ModuleRules(target, exclude, layers, List.of()));
    }

    private static LoraConfig patterns(ModuleNames target, Map<String, Integer> ranks, Map<String, Double> alphas) {
        ModuleRules rules = new ModuleRules(target, ModuleNames.NONE, List.of(), List.of());
        return new LoraConfig(4, 8, 0, false, rules, ranks, alphas, List.of());
    }
}
