package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.KlForm;
import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import java.util.EnumSet;
import java.util.Set;

/** A policy gradient that weighs the ratio of policy and pi_old by an advantage, and may add a KL to a reference. */
interface RatioObjective extends TokenObjective {

    /** Weight of the KL to the reference in the loss; none by default. */
    default double beta() {
        return 0;
    }

    /** Estimator of that KL. */
    default KlForm kl() {
        return KlForm.K3;
    }

    /** Refuses a KL that is out of range, by name. */
    static void check(double beta, KlForm kl) {
        new ReferenceTerm(beta, kl);
    }

    /** The KL to the reference in the loss. */
    private ReferenceTerm reference() {
        return new ReferenceTerm(beta(), kl());
    }

    /** Ratio below which a token of negative advantage counts as clipped; 0 for none. */
    default double low() {
        return 0;
    }

    /** Ratio above which a token of positive advantage counts as clipped; infinity for none. */
    default double high() {
        return Double.POSITIVE_INFINITY;
    }

    /** What the ratio of a token or of its sequence comes to, for the tokens of a mini-batch. */
    Surrogate surrogate(TokenBatch tokens);

    /** Factor on loss and gradient. */
    default double scale() {
        return 1;
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

    @Override
    default void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        Surrogate surrogate = surrogate(tokens);
        ReferenceTerm reference = reference();
        double low = 0;
        double high = 0;
        double kl = 0;
        double counted = 0;
        for (int t = from; t < to; t++) {
            Surrogate.Term term = surrogate.at(t);
            out.set(t, scale() * term.loss(), scale() * term.coefficient());
            out.setRatio(t, term.ratio(), term.clipped());
            double share = surrogate.share(t);
            double advantage = tokens.column(Column.ADVANTAGE, t);
            low += advantage < 0 && term.ratio() < low() ? share : 0;
            high += advantage > 0 && term.ratio() > high() ? share : 0;
            counted += share;
            kl += reference.add(tokens, out, t, scale(), surrogate);
        }
        if (Double.isFinite(high())) {
            out.measure("clip_low", low, counted);
            out.measure("clip_high", high, counted);
        }
        if (reference.isOn()) {
            out.measure(kl().label(), kl, to - from);
        }
    }
}
