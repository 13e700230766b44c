package io.github.psft4j.rollout.sample;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import java.util.List;

/** How the policy samples what it is then trained on. */
public record SamplingSettings(
        @Doc("Samples of each prompt; batch.macro / groupSize prompts are sampled at a time.")
        @Value(initial = "8", range = ">= 1")
        int groupSize,

        @Doc("Most new tokens of a sample; one that reaches it is truncated.") @Value(initial = "256", range = ">= 1")
        int maxNewTokens,

        @Doc("Temperature of sampling. Log-probs, entropies and ratios of training are those of logits / temperature"
                + " as well.")
        @Value(initial = "1", range = "> 0")
        double temperature,

        @Doc("Samples come from the k most probable tokens only; 0 for all.") @Value(initial = "0", range = ">= 0")
        int topK,

        @Doc("Samples come from the most probable tokens that together reach this mass only; 1 for all.")
        @Value(initial = "1", range = "> 0 and <= 1")
        double topP,

        @Doc("Samples come from tokens of at least this fraction of the largest probability only; 0 for all.")
        @Value(initial = "0", range = ">= 0 and <= 1")
        double minP,

        @Doc("A sample ends as soon as its text holds one of these, and at every end-of-sequence id of the model.")
        @Value(initial = "")
        List<String> stopStrings,

        @Doc("Dynamic sampling (DAPO): groups of equal rewards are replaced by those of further prompts, at most so"
                + " many prompts for each that is wanted; then they fill up. 1 for none.")
        @Value(initial = "1", range = ">= 1")
        int dynamicSampling) {

    /** @throws ParameterException naming the setting, its value and its range */
    public SamplingSettings {
        Setting.check(
                SamplingSettings.class,
                groupSize,
                maxNewTokens,
                temperature,
                topK,
                topP,
                minP,
                stopStrings,
                dynamicSampling);
        stopStrings = List.copyOf(stopStrings);
        ParameterException.check(
                stopStrings.stream().noneMatch(String::isEmpty),
                "stopStrings",
                "must be strings of at least one character",
                stopStrings);
    }
}
