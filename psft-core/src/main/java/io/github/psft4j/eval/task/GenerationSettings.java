package io.github.psft4j.eval.task;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import java.util.List;

/** How a model writes answers. */
public record GenerationSettings(
        @Doc("Answers to each question, k of avg@k.") @Value(initial = "1", range = ">= 1")
        int samples,

        @Doc("Most tokens of an answer; one that reaches it counts as truncated.")
        @Value(initial = "512", range = ">= 1")
        int maxTokens,

        @Doc("0 takes the most probable token each time; above, logits are divided by it.")
        @Value(initial = "0", range = ">= 0")
        double temperature,

        @Doc("Tokens come from the most probable ones that together reach this mass only; 1 for all.")
        @Value(initial = "1", range = "> 0 and <= 1")
        double topP,

        @Doc("Tokens come from the k most probable ones only; 0 for all.") @Value(initial = "0", range = ">= 0")
        int topK,

        @Doc("Tokens have at least this fraction of the largest probability; 0 for all.")
        @Value(initial = "0", range = ">= 0 and <= 1")
        double minP,

        @Doc("An answer ends in front of the first of these texts.") @Value(initial = "")
        List<String> stop) {

    /** Refuses numbers out of range, and several answers without a temperature, which would all be the same. */
    public GenerationSettings {
        Setting.check(GenerationSettings.class, samples, maxTokens, temperature, topP, topK, minP, stop);
        ParameterException.check(
                samples == 1 || temperature > 0,
                "samples",
                "must be 1 at temperature 0, where all answers are the same; set a temperature",
                samples);
        stop = List.copyOf(stop);
    }
}
