package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Measures;
import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import java.util.EnumSet;
import java.util.Set;

/** A policy gradient that weighs the ratio of policy and pi_old by an advantage, and may add a KL to a reference. */
interface RatioObjective extends TokenObjective {

    /** The KL to the reference in the loss; none by default. */
    default ReferenceTerm reference() {
        return ReferenceTerm.NONE;
    }

    /** Ratio below which a token of negative advantage counts as clipped; 0 for none. */
    default double low() {
        return 0;
    }

    /** Ratio above which a token of positive advantage counts as clipped; infinity for none. */
    default double high() {
        return Double.POSITIVE_INFINITY;
    }

    @Override
    default Set<Column> columns() {
        EnumSet<Column> columns = EnumSet.of(Column.OLD_LOG_PROB, Column.ADVANTAGE);
        if (reference().readsLogProb()) {
            columns.add(Column.REF_LOG_PROB);
        }
        return columns;
    }

    @Override
    default RowNeeds needs() {
        return reference().needs();
    }

    /** Shares of tokens clipped from below and from above, and the mean KL under the name of its estimator. */
    @Override
    default Measures measures(TokenBatch tokens, TokenTerms out) {
        long low = 0;
        long high = 0;
        double kl = 0;
        for (int t = 0; t < tokens.size(); t++) {
            double advantage = tokens.column(Column.ADVANTAGE, t);
            low += advantage < 0 && out.ratio(t) < low() ? 1 : 0;
            high += advantage > 0 && out.ratio(t) > high() ? 1 : 0;
            kl += reference().isOn() ? reference().value(tokens, t) : 0;
        }
        Measures measures = Measures.NONE;
        if (Double.isFinite(high())) {
            measures = measures.with("clip_low", low, tokens.size()).with("clip_high", high, tokens.size());
        }
        return reference().isOn() ? measures.with(reference().kl().label(), kl, tokens.size()) : measures;
    }
}
