package io.github.psft4j.config;

import io.github.psft4j.hf.peft.LoraBias;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.hf.peft.ModuleNames;
import io.github.psft4j.hf.peft.ModuleRules;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** A LoRA adapter that is trained beside frozen weights. Names and rules are those of PEFT. */
public record Lora(
        @Doc("Rank of a LoRA adapter, which is trained in place of the weights; final/ is then an adapter directory"
                + " of PEFT. 0 trains all weights. LoRA wants about ten times the rate of full fine-tuning.")
        @Value(initial = "0", range = ">= 0")
        int r,

        @Doc("The adapter's output is scaled by lora.alpha / lora.r; 0 stands for twice lora.r.")
        @Value(initial = "0", range = ">= 0")
        double alpha,

        @Doc("Whether the scaling is lora.alpha / sqrt(lora.r) (rsLoRA), which keeps large ranks effective.")
        @Value(initial = "false")
        boolean rslora,

        @Doc("Share of the inputs of every adapter that a training step leaves out, each module others (PEFT's"
                + " lora_dropout). Old log-probs, evaluation and text are without.")
        @Value(initial = "0", range = ">= 0 and < 1")
        double dropout,

        @Doc("Linear modules with an adapter: full names or their ends, such as q_proj; all-linear for all but the"
                + " head; or one regular expression for the full name, such as \".*(q|v)_proj\".")
        @Value(initial = "all-linear")
        @Text("names, all-linear or a regular expression")
        List<String> targetModules,

        @Doc("Modules of lora.target_modules that get none, written in the same way.")
        @Value(initial = "")
        @Text("names or a regular expression")
        List<String> excludeModules,

        @Doc("Numbers of the layers with an adapter, from 0; all if none is given.")
        @Value(initial = "")
        @Text("whole numbers")
        List<String> layers,

        @Doc("Biases of the base that are trained beside the adapter: none, all of the model, or those of the modules"
                + " with an adapter (PEFT's bias).")
        @Value(initial = "none")
        LoraBias bias,

        @Doc("Whether B has a bias of its own (PEFT's lora_bias).") @Value(initial = "false")
        boolean loraBias,

        @Doc("Modules that are trained whole beside the adapter: lm_head, embed_tokens (GPT-2: wte) or norms.")
        @Value(initial = "")
        @Text("names")
        List<String> modulesToSave,

        @Doc("Ranks of some modules, by a regular expression for the name or its end; of two that match, the first in"
                + " the order of the alphabet counts.")
        @Value(initial = "")
        @Text("names with a rank each, such as {down_proj: 32}")
        Map<String, String> rankPattern,

        @Doc("lora.alpha of some modules, in the same way.")
        @Value(initial = "")
        @Text("names with a number each, such as {down_proj: 64}")
        Map<String, String> alphaPattern) {

    private static final Pattern NAME = Pattern.compile("[\\w.-]+");

    /** What is wrong, with the setting's name in this section; empty if nothing is. */
    Optional<ParameterException> fault() {
        try {
            names("target_modules", targetModules);
            names("exclude_modules", excludeModules);
            layers.forEach(layer -> ParameterException.check(
                    layer.matches("\\d{1,6}"), "layers", "must be numbers of layers, from 0", layer));
            if (!layers.isEmpty() && names("target_modules", targetModules).pattern() != null && !all(targetModules)) {
                throw new ParameterException(
                        "layers", "needs names in lora.target_modules; put the numbers into its regular expression");
            }
            numbers("rank_pattern", rankPattern, Integer::valueOf);
            numbers("alpha_pattern", alphaPattern, Double::valueOf);
            return Optional.empty();
        } catch (ParameterException e) {
            return Optional.of(e);
        }
    }

    /** Whether an adapter is trained. */
    public boolean on() {
        return r > 0;
    }

    /** The settings of the adapter, which must be {@link #on} and without a {@link #fault}. */
    public LoraConfig config() {
        ModuleRules rules = new ModuleRules(
                names("target_modules", targetModules),
                names("exclude_modules", excludeModules),
                layers.stream().map(Integer::valueOf).toList(),
                List.of());
        return new LoraConfig(
                r,
                alpha == 0 ? 2.0 * r : alpha,
                dropout,
                rslora,
                rules,
                numbers("rank_pattern", rankPattern, Integer::valueOf),
                numbers("alpha_pattern", alphaPattern, Double::valueOf),
                bias,
                loraBias,
                modulesToSave);
    }

    private static boolean all(List<String> names) {
        return ModuleNames.of(names).equals(ModuleNames.ALL_LINEAR);
    }

    /** A single text that is no name is a regular expression. */
    private static ModuleNames names(String setting, List<String> texts) {
        if (texts.size() != 1 || NAME.matcher(texts.get(0)).matches()) {
            texts.forEach(text -> ParameterException.check(
                    NAME.matcher(text).matches(),
                    setting,
                    "must be names of modules, or one regular expression alone",
                    text));
            return ModuleNames.of(texts);
        }
        expression(setting, texts.get(0));
        return ModuleNames.of(texts.get(0));
    }

    private static void expression(String setting, String text) {
        try {
            Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new ParameterException(setting, "is no regular expression: " + e.getDescription() + " in " + text);
        }
    }

    /** Sorted, as PEFT writes them: the order of a file decides which of two counts. */
    private static <N extends Number> Map<String, N> numbers(
            String setting, Map<String, String> texts, Function<String, N> read) {
        Map<String, N> numbers = new TreeMap<>();
        texts.forEach((name, text) -> {
            expression(setting, name);
            try {
                N number = read.apply(text.strip());
                ParameterException.check(
                        number.doubleValue() > 0 && Double.isFinite(number.doubleValue()),
                        setting,
                        "must have numbers above 0",
                        text);
                numbers.put(name, number);
            } catch (NumberFormatException e) {
                throw new ParameterException(setting, name + " must have a number above 0, was " + text);
            }
        });
        return numbers;
    }
}
