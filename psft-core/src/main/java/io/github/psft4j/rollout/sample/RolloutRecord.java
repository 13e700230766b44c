package io.github.psft4j.rollout.sample;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.rollout.Finish;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One rollout as logs and reports show it.
 *
 * @param step the first optimizer step that it is trained in
 * @param macroStep number of the rollout, from 1
 * @param epoch pass over the prompts, from 1
 * @param measures what the log shows of it, by name
 * @param samples all samples, those of a prompt next to each other
 */
public record RolloutRecord(int step, int macroStep, int epoch, Map<String, Double> measures, List<Sample> samples) {

    /** Copies measures and samples. */
    public RolloutRecord {
        measures = new LinkedHashMap<>(measures);
        samples = List.copyOf(samples);
    }

    /**
     * A sample.
     *
     * @param prompt number of the prompt in its data, from 0
     * @param promptValue the prompt as the row has it
     * @param completion its text, special tokens left out
     * @param tokens of the completion
     * @param finish why it ended
     * @param rewards by function
     * @param reward their weighted sum, no number where no function applies or one failed
     * @param advantage mean over its trained tokens, NaN if none is trained
     */
    public record Sample(
            int prompt,
            JsonNode promptValue,
            String completion,
            int tokens,
            Finish finish,
            Map<String, RewardValue> rewards,
            RewardValue reward,
            double advantage) {

        /** Copies the rewards and keeps their order. */
        public Sample {
            rewards = new LinkedHashMap<>(rewards);
        }
    }
}
