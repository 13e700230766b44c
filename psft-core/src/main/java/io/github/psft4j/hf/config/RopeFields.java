package io.github.psft4j.hf.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.DecoderConfigBuilder;
import io.github.psft4j.transformer.config.RopeScaling;
import java.util.List;

/**
 * Rotary settings in both generations. The older one has the fields {@code rope_theta} and {@code rope_scaling}. In
 * transformers 5 {@code rope_parameters} holds both.
 */
final class RopeFields {

    private static final String ORIGINAL = "original_max_position_embeddings";

    private RopeFields() {}

    /** Reads the settings into a configuration that is being built. */
    static void read(ConfigFile file, int maxPositions, DecoderConfigBuilder config) {
        double theta = file.number("rope_theta", 10_000);
        String field = file.has("rope_scaling") ? "rope_scaling" : "rope_parameters";
        file.get("rope_parameters"); // if both are there, transformers reads the older one
        if (!file.has(field)) {
            config.ropeTheta(theta);
            return;
        }
        ConfigFile rope = file.object(field);
        config.ropeTheta(rope.number("rope_theta", theta));
        RopeScaling scaling = file.build(() -> scaling(rope, file, maxPositions));
        if (scaling.kind() != RopeScaling.Kind.NONE) { // transformers does not read it without a scaling
            for (ConfigFile place : List.of(rope, file)) {
                place.refuseUnless(place.number("partial_rotary_factor", 1) == 1, "partial_rotary_factor", "1");
            }
        }
        config.ropeScaling(scaling);
        rope.passOverTheRest(file);
    }

    private static RopeScaling scaling(ConfigFile rope, ConfigFile file, int maxPositions) {
        String oldName = rope.text("type", "default");
        String type = rope.text("rope_type", oldName);
        return switch (type) {
            case "default" -> RopeScaling.NONE;
            case "linear" -> RopeScaling.linear(rope.requiredNumber("factor"));
            case "dynamic" -> RopeScaling.dynamic(rope.requiredNumber("factor"));
            case "llama3" ->
                RopeScaling.llama3(
                        rope.requiredNumber("factor"),
                        rope.requiredNumber("low_freq_factor"),
                        rope.requiredNumber("high_freq_factor"),
                        original(rope, file, maxPositions));
            case "yarn" -> yarn(rope, original(rope, file, maxPositions), maxPositions);
            default ->
                throw rope.unsupported(
                        rope.has("rope_type") ? "rope_type" : "type",
                        "this version reads default, linear, dynamic, llama3 and yarn");
        };
    }

    /**
     * Positions of pretraining: next to the rotary settings in some files, else among them, else those of the model.
     */
    private static int original(ConfigFile rope, ConfigFile file, int maxPositions) {
        int inside = rope.integer(ORIGINAL, maxPositions);
        return file.integer(ORIGINAL, inside);
    }

    private static RopeScaling yarn(ConfigFile rope, int original, int maxPositions) {
        double factor = rope.number("factor", (double) maxPositions / original);
        double scale = rope.number("mscale", 0);
        double scaleAll = rope.number("mscale_all_dim", 0);
        double inferred = scale != 0 && scaleAll != 0
                ? temperature(factor, scale) / temperature(factor, scaleAll)
                : temperature(factor, 1);
        double fast = rope.number("beta_fast", 0);
        double slow = rope.number("beta_slow", 0);
        return RopeScaling.yarn(
                factor,
                original,
                fast == 0 ? 32 : fast,
                slow == 0 ? 1 : slow,
                rope.flag("truncate", true),
                rope.number("attention_factor", inferred));
    }

    private static double temperature(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    /** Writes the settings in the first generation, which transformers 4 and 5 both read. */
    static void write(DecoderConfig c, ObjectNode json) {
        json.put("rope_theta", c.ropeTheta());
        RopeScaling s = c.ropeScaling();
        if (s.kind() == RopeScaling.Kind.NONE) {
            json.putNull("rope_scaling");
            return;
        }
        ObjectNode rope = json.putObject("rope_scaling");
        rope.put("rope_type", s.kind().name().toLowerCase(java.util.Locale.ROOT));
        rope.put("factor", s.factor());
        if (s.kind() == RopeScaling.Kind.LLAMA3) {
            rope.put("low_freq_factor", s.lowFrequencyFactor());
            rope.put("high_freq_factor", s.highFrequencyFactor());
            rope.put(ORIGINAL, s.originalPositions());
        }
        if (s.kind() == RopeScaling.Kind.YARN) {
            rope.put(ORIGINAL, s.originalPositions());
            rope.put("beta_fast", s.betaFast());
            rope.put("beta_slow", s.betaSlow());
            rope.put("truncate", s.truncate());
            rope.put("attention_factor", s.attentionFactor());
        }
    }
}
