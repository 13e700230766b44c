package io.github.psft4j.rollout.sample;

import io.github.psft4j.loss.Column;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MiniBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the record of a rollout. */
final class RolloutRecords {

    private RolloutRecords() {}

    static RolloutRecord of(
            int step, int macroStep, int epoch, MacroBatch macro, List<SampledGroup> groups, List<Prompt> prompts) {
        Map<Integer, Double> advantages = advantages(macro);
        List<RolloutRecord.Sample> samples = new ArrayList<>();
        for (SampledGroup g : groups) {
            Prompt prompt = prompts.get(g.group().prompt());
            for (int i = 0; i < g.group().size(); i++) {
                Rollout rollout = g.group().rollouts().get(i);
                Map<String, RewardValue> rewards = new LinkedHashMap<>();
                for (int f = 0; f < g.table().names().size(); f++) {
                    rewards.put(g.table().names().get(f), g.table().value(f, g.first() + i));
                }
                samples.add(new RolloutRecord.Sample(
                        g.group().prompt(),
                        prompt.value(),
                        g.texts().get(i),
                        rollout.completion().length,
                        rollout.finish(),
                        rewards,
                        g.table().totals().get(g.first() + i),
                        advantages.getOrDefault(samples.size(), Double.NaN)));
            }
        }
        return new RolloutRecord(step, macroStep, epoch, macro.measures(), samples);
    }

    /** Mean advantage over the trained tokens of each sequence that has some, by its number. */
    private static Map<Integer, Double> advantages(MacroBatch macro) {
        Map<Integer, double[]> column = macro.columns().getOrDefault(Column.ADVANTAGE, Map.of());
        Map<Integer, Double> out = new HashMap<>();
        for (MiniBatch mini : macro.miniBatches()) {
            for (int i = 0; i < mini.numbers().length; i++) {
                double[] values = column.get(mini.numbers()[i]);
                boolean[] mask = mini.sequences().get(i).lossMask();
                double sum = 0;
                int n = 0;
                for (int t = 1; values != null && t < mask.length; t++) {
                    if (mask[t]) {
                        sum += values[t - 1];
                        n++;
                    }
                }
                if (n > 0) {
                    out.put(mini.numbers()[i], sum / n);
                }
            }
        }
        return out;
    }
}
