package io.github.psft4j.config;

import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.settings.Setting;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Sections that say how a model is sampled and its samples are judged; on demonstrations they would do nothing. */
final class SampleSections {

    private static final List<String> NAMES = List.of("rollout", "rollout_training", "advantage", "reward_kl");

    private SampleSections() {}

    /** Refuses what such a section says, where an objective trains demonstrations. Defaults say nothing. */
    static void refuse(RunConfig config, TokenObjective objective, BiConsumer<String, String> add) {
        for (String section : NAMES) {
            Class<? extends Record> type = Sections.ALL.get(section);
            Map<String, Object> values = Setting.values(config.get(type));
            for (Setting setting : Setting.of(type)) {
                if (!values.get(setting.name()).equals(setting.defaultValue())) {
                    add.accept(
                            section + "." + setting.key(),
                            "is for samples of the model, but " + objective.name()
                                    + " trains demonstrations; leave it out, or choose an objective such as grpo");
                }
            }
        }
    }
}
