package io.github.psft4j.losses.preference;

import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenObjective;

/** An objective that compares two sequences, 2i (chosen) and 2i + 1 (rejected); every pair weighs the same. */
interface PairObjective extends TokenObjective {

    @Override
    default Scope scope() {
        return Scope.PAIR;
    }

    @Override
    default Aggregation aggregation() {
        return Aggregation.PAIR_MEAN;
    }
}
