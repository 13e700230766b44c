package io.github.psft4j.losses;

import io.github.psft4j.loss.ObjectiveProvider;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.losses.sft.DftObjective;
import java.util.List;

/** The objectives of this module, for the registry. */
public final class Objectives implements ObjectiveProvider {

    @Override
    public List<TokenObjective> objectives() {
        return List.of(new DftObjective());
    }
}
