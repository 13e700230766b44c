package io.github.psft4j.hf.peft;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings of LoRA (Hu et al., arXiv 2106.09685): {@code y = W x + b + scaling * B (A x)} with W and b frozen. The
 * scaling is {@code alpha / r}, with rsLoRA {@code alpha / sqrt(r)} (Kalajdzievski, arXiv 2312.03732).
 *
 * @param r rank of A and B; default 16
 * @param alpha numerator of the scaling; default 32
 * @param dropout share of the inputs of A that a training step leaves out, in [0, 1); default 0
 * @param rslora whether the scaling is that of rsLoRA; default false
 * @param modules which linear modules are adapted; default all
 * @param rankPattern ranks of modules by regular expression, the first that matches; default none
 * @param alphaPattern alphas of modules by regular expression, the first that matches; default none
 * @param bias biases of the base that are trained; default none
 * @param loraBias whether B has a bias {@code b_B}, {@code scaling * (B (A x) + b_B)}; default false
 * @param modulesToSave modules that are trained whole, such as {@code lm_head}; default none
 */
public record LoraConfig(
        int r,
        double alpha,
        double dropout,
        boolean rslora,
        ModuleRules modules,
        Map<String, Integer> rankPattern,
        Map<String, Double> alphaPattern,
        LoraBias bias,
        boolean loraBias,
        List<String> modulesToSave) {

    /** @throws IllegalArgumentException naming the component, its value and its range */
    public LoraConfig {
        check(r > 0, "r", "must be positive", r);
        check(alpha > 0 && Double.isFinite(alpha), "alpha", "must be above 0", alpha);
        check(dropout >= 0 && dropout < 1, "dropout", "must be at least 0 and below 1", dropout);
        rankPattern.forEach((key, rank) -> check(rank > 0, "rankPattern " + key, "must be positive", rank));
        alphaPattern.forEach(
                (key, a) -> check(a > 0 && Double.isFinite(a), "alphaPattern " + key, "must be above 0", a));
        rankPattern = new LinkedHashMap<>(rankPattern); // its order counts
        alphaPattern = new LinkedHashMap<>(alphaPattern);
        modulesToSave = List.copyOf(modulesToSave);
    }

    /** Without biases. */
    public LoraConfig(
            int r,
            double alpha,
            double dropout,
            boolean rslora,
            ModuleRules modules,
            Map<String, Integer> rankPattern,
            Map<String, Double> alphaPattern,
            List<String> modulesToSave) {
        this(r, alpha, dropout, rslora, modules, rankPattern, alphaPattern, LoraBias.NONE, false, modulesToSave);
    }

    private static void check(boolean ok, String name, String rule, Object value) {
        if (!ok) {
            throw new IllegalArgumentException("lora " + name + " " + rule + ", was " + value);
        }
    }

    /** Adapters of all linear modules but the head. */
    public static LoraConfig of(int r, double alpha) {
        return new LoraConfig(r, alpha, 0, false, ModuleRules.ALL_LINEAR, Map.of(), Map.of(), List.of());
    }

    /** The same with other modules. */
    public LoraConfig with(ModuleRules rules) {
        return new LoraConfig(
                r, alpha, dropout, rslora, rules, rankPattern, alphaPattern, bias, loraBias, modulesToSave);
    }

    /** The same with dropout. */
    public LoraConfig withDropout(double rate) {
        return new LoraConfig(
                r, alpha, rate, rslora, modules, rankPattern, alphaPattern, bias, loraBias, modulesToSave);
    }

    /** The same with trained biases. */
    public LoraConfig withBiases(LoraBias ofBase, boolean ofAdapters) {
        return new LoraConfig(
                r, alpha, dropout, rslora, modules, rankPattern, alphaPattern, ofBase, ofAdapters, modulesToSave);
    }

    /** Rank of a module. */
    public int rank(String module) {
        return ModuleRules.first(rankPattern, module, r);
    }

    /** Factor on the output of a module's adapter. */
    public double scaling(String module) {
        double numerator = ModuleRules.first(alphaPattern, module, alpha);
        return rslora ? numerator / Math.sqrt(rank(module)) : numerator / rank(module);
    }
}
