package io.github.psft4j.loss;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import java.util.EnumSet;
import java.util.Set;

/**
 * The squared error of a critic, which learns what reward is still to come. Source: Schulman et al., arXiv 1707.06347,
 * with the clip of its authors' code; as verl's {@code compute_value_loss}.
 *
 * <pre>
 * c   = clip(v, v_old - clip, v_old + clip)
 * L_t = max((v - R)^2, (c - R)^2) / 2                  dL_t/dv = v - R, or 0 where the clipped error is the larger
 * </pre>
 *
 * <p>v is {@link TokenBatch#value}, v_old {@link Column#OLD_VALUE}, R {@link Column#RETURN}. Unit: the reward's,
 * squared.
 *
 * <p>A critic of its own is trained with this alone. A critic on the policy's trunk adds it to the policy's objective:
 * {@code policy.plus(0.1, new ValueObjective())}. Logs show {@code value_loss} before that weight, {@code clip_value}
 * and {@code value_mean}.
 *
 * @param clip how far a value may move from its old one, above 0, or 0 for no clip; default 0.2
 */
@Doc("squared error of a critic, clipped around its old value")
public record ValueObjective(
        @Doc("how far a value may move from its old one, 0: any distance")
        double clip) implements TokenObjective {

    /** Clip 0.2. */
    public ValueObjective() {
        this(0.2);
    }

    /** @throws IllegalArgumentException if the clip is negative or not finite */
    public ValueObjective {
        ParameterException.check(clip >= 0 && Double.isFinite(clip), "clip", "must be 0 (none) or above", clip);
    }

    @Override
    public Set<Column> columns() {
        return EnumSet.of(Column.OLD_VALUE, Column.RETURN);
    }

    @Override
    public RowNeeds needs() {
        return RowNeeds.VALUE;
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        double loss = 0;
        double sum = 0;
        int clipped = 0;
        for (int t = from; t < to; t++) {
            double value = tokens.value(t);
            double error = value - tokens.column(Column.RETURN, t);
            double other = clip == 0 ? error : bounded(value, tokens.column(Column.OLD_VALUE, t)) - value + error;
            boolean stopped = other * other > error * error;
            double squared = stopped ? other * other : error * error;
            out.setValue(t, squared / 2, stopped ? 0 : error);
            loss += squared / 2;
            sum += value;
            clipped += stopped ? 1 : 0;
        }
        out.measure("value_loss", loss, to - from);
        out.measure("clip_value", clipped, to - from);
        out.measure("value_mean", sum, to - from);
    }

    private double bounded(double value, double old) {
        return Math.max(old - clip, Math.min(old + clip, value));
    }
}
