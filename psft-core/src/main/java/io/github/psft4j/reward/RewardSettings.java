package io.github.psft4j.reward;

import io.github.psft4j.settings.Doc;

/**
 * The settings of one kind of reward: a public record whose components carry {@link Doc} and
 * {@link io.github.psft4j.settings.Value}, so that configurations and listings know them.
 */
public interface RewardSettings {

    /** A function with these settings. */
    RewardFunction create();
}
