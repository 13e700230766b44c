package io.github.psft4j.config;

import io.github.psft4j.loss.ValueObjective;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;

/** The critic of PPO: what it is, and how it is trained. */
public record Critic(
        @Doc("Where a critic sits, which advantages by GAE need: on the policy's trunk (shared), or on a trunk of its"
                + " own that is trained beside it (separate), which takes as much memory again.")
        @Value(initial = "none")
        Trunk trunk,

        @Doc("Hugging Face directory of the model that a separate critic starts as, such as final/critic of an"
                + " earlier run; default the policy, without its adapter.")
        @Value(otherwise = "model.path")
        @Text(value = "a directory", path = true)
        String path,

        @Doc("Weight of the critic's error beside the policy's loss, on a shared trunk.")
        @Value(initial = "0.1", range = "> 0")
        double weight,

        @Doc("How far a value may move from what it was when its rollout began, 0 for any distance.")
        @Value(initial = "0.2", range = ">= 0")
        double clip) {

    /** Where a critic sits. */
    public enum Trunk {
        /** There is none. */
        NONE,
        /** On the policy's trunk. */
        SHARED,
        /** On a trunk of its own. */
        SEPARATE
    }

    /** @throws ParameterException naming the setting, its value and its range */
    public Critic {
        Setting.check(Critic.class, trunk, path, weight, clip);
    }

    /** Whether there is one. */
    public boolean on() {
        return trunk != Trunk.NONE;
    }

    /** What it minimises. */
    public ValueObjective objective() {
        return new ValueObjective(clip);
    }
}
