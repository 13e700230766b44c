package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenObjective;
import java.util.EnumSet;
import java.util.Set;

/** A policy gradient that weighs the ratio of policy and pi_old by an advantage. */
interface RatioObjective extends TokenObjective {

    @Override
    default Set<Column> columns() {
        return EnumSet.of(Column.OLD_LOG_PROB, Column.ADVANTAGE);
    }
}
