package io.github.psft4j.reward;

import java.util.Map;

/**
 * Contributes kinds of reward to the {@link RewardRegistry}; found by {@link java.util.ServiceLoader}, so a jar names
 * its provider in {@code META-INF/services/io.github.psft4j.reward.RewardProvider}.
 */
public interface RewardProvider {

    /**
     * Kinds by name, each with the record of its settings. The record carries a line of
     * {@link io.github.psft4j.settings.Doc}.
     */
    Map<String, Class<? extends RewardSettings>> kinds();
}
