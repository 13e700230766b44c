package io.github.psft4j.loss;

import io.github.psft4j.settings.Doc;
import java.util.List;

/**
 * Contributes objectives to the {@link ObjectiveRegistry}; found by {@link java.util.ServiceLoader}, so a jar names its
 * provider in {@code META-INF/services/io.github.psft4j.loss.ObjectiveProvider}.
 */
public interface ObjectiveProvider {

    /**
     * One instance of every objective with its default parameters. Each is a record: its name is
     * {@link TokenObjective#name()}, its components are the parameters, and {@link Doc} describes both.
     */
    List<TokenObjective> objectives();
}
