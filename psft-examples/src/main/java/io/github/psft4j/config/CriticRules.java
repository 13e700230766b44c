package io.github.psft4j.config;

import io.github.psft4j.config.Sections.Model;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.advantage.Credit;
import io.github.psft4j.settings.Setting;
import java.util.Map;
import java.util.function.BiConsumer;

/** What a critic asks of the other sections. */
final class CriticRules {

    private CriticRules() {}

    /** GAE and a critic need each other, a token objective, and on a shared trunk all weights. */
    static void check(RunConfig config, TokenObjective objective, BiConsumer<String, String> add) {
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
