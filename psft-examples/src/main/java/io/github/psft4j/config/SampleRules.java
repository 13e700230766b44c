package io.github.psft4j.config;

import io.github.psft4j.config.Sections.Model;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.advantage.Credit;
import io.github.psft4j.settings.Setting;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Rules of the sections that say how a model is sampled and how its samples are judged, by a critic as well. */
final class SampleRules {

    /** On demonstrations these would do nothing. */
    private static final List<String> SECTIONS = List.of("rollout", "rollout_training", "advantage", "reward_kl");

    private SampleRules() {}

    /** Refuses what a section for samples says, where an objective trains demonstrations. Defaults say nothing. */
    static void refuseSections(RunConfig config, TokenObjective objective, BiConsumer<String, String> add) {
        for (String section : SECTIONS) {
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

    /** GAE and a critic need each other, a token objective, and on a shared trunk all weights. */
    static void checkCritic(RunConfig config, TokenObjective objective, BiConsumer<String, String> add) {
        Critic critic = config.get(Critic.class);
        boolean gae = config.get(AdvantageSettings.class).credit() == Credit.GAE;
        if (critic.path() != null && critic.trunk() != Critic.Trunk.SEPARATE) {
            add.accept("critic.path", "is the model of a critic with a trunk of its own; give critic.trunk: separate");
        }
        if (!critic.on()) {
            Map<String, Object> values = Setting.values(critic);
            for (Setting setting : Setting.of(Critic.class)) {
                if (setting.defaultValue() instanceof Double usual && !usual.equals(values.get(setting.name()))) {
                    add.accept("critic." + setting.key(), "is of a critic; give critic.trunk: shared or separate");
                }
            }
            if (config.samples() && gae) {
                add.accept("advantage.credit", "gae needs a critic; give critic.trunk: shared or separate");
            }
            return;
        }
        if (!config.samples()) {
            add.accept(
                    "critic.trunk",
                    "is for samples of the model, but " + objective.name()
                            + " trains demonstrations; leave it out, or choose objective.name: ppo-clip");
        } else if (!gae) {
            add.accept("critic.trunk", "is of no use without advantage.credit: gae; leave one of the two out");
        } else if (objective.scope() != Scope.TOKEN) {
            add.accept(
                    "objective.name",
                    objective.name() + " has one advantage for a whole sample, a critic one for every token; choose"
                            + " ppo-clip, grpo, dapo, bnpo, dr-grpo, cispo, sapo or reinforce, or leave out"
                            + " critic.trunk");
        }
        if (critic.trunk() == Critic.Trunk.SHARED && adapted(config)) {
            add.accept(
                    "critic.trunk",
                    "shared needs all weights of the policy, and an adapter is trained; give critic.trunk: separate,"
                            + " or merge the adapter first");
        }
    }

    private static boolean adapted(RunConfig config) {
        String path = config.get(Model.class).path();
        return config.get(Lora.class).on() || path != null && LoraModels.isAdapter(Bundled.resolve(path));
    }
}
