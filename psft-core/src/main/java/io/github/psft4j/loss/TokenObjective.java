package io.github.psft4j.loss;

import java.io.Serializable;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect.Visibility;
import org.nd4j.shade.jackson.annotation.JsonTypeInfo;

/**
 * A fine-tuning objective: the loss of one demonstrated token and the coefficient of its gradient.
 *
 * <p>Almost every objective of supervised fine-tuning is cross-entropy with a scalar weight per token,
 * {@code dL_t/dlogits = c_t (softmax - onehot)}. An implementation fills {@code loss[t]} and {@code c_t}; softmax,
 * masking, aggregation and the product with the vocabulary happen once, elsewhere. Objectives whose gradient has
 * another shape (divergences, entropy, soft targets) declare {@link RowNeeds#DENSE} and add its parts to
 * {@link TokenTerms}.
 *
 * <p>Implementations are immutable values, equal when their parameters are, validated in the constructor. They are part
 * of a network's configuration and survive its JSON and YAML. A record of plain values does all that as it is. Another
 * class needs {@code equals} and a {@code @JsonCreator} constructor (Jackson as shaded by ND4J).
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS, property = "@class")
@JsonAutoDetect(
        fieldVisibility = Visibility.ANY,
        getterVisibility = Visibility.NONE,
        isGetterVisibility = Visibility.NONE)
public interface TokenObjective extends Serializable {

    /**
     * Short name for logs, metrics and configurations, such as {@code psft}. By default it is the name of the class
     * without {@code Objective}, with hyphens: {@code IwSftStepObjective} is {@code iw-sft-step}.
     */
    default String name() {
        String words = getClass().getSimpleName().replaceFirst("Objective$", "");
        return words.replaceAll("(?<=.)(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    /** Label columns that {@link #evaluate} reads in addition to the token id; none by default. */
    default Set<Column> columns() {
        return EnumSet.noneOf(Column.class);
    }

    /** What the sweep over the vocabulary computes in addition to log-probs; nothing by default. */
    default RowNeeds needs() {
        return RowNeeds.NONE;
    }

    /** Which tokens {@link #evaluate} must see together; by default each on its own. */
    default Scope scope() {
        return Scope.TOKEN;
    }

    /**
     * Sequences that follow each other in the data and belong together: 2 for pairs, 1 for all others. They are
     * shuffled as one and stay in one micro-batch.
     */
    default int neighbours() {
        return scope() == Scope.PAIR ? 2 : 1;
    }

    /** How the method's authors make one number of its token losses; a trainer's default. */
    default Aggregation aggregation() {
        return Aggregation.TOKEN_MEAN;
    }

    /** This objective plus {@code weight} times another one, such as {@code psft.plus(0.05, new ForwardKl())}. */
    default TokenObjective plus(double weight, TokenObjective term) {
        return new SumObjective(List.of(new SumObjective.Term(1, this), new SumObjective.Term(weight, term)));
    }

    /**
     * Fills {@code out} for the tokens t in [from, to), all of which are inside the loss mask. Unless the scope is
     * {@link Scope#TOKEN}, these are all tokens. Every token is evaluated once.
     *
     * @param tokens log-probs and columns of the mini-batch
     * @param out loss and coefficient of every token, and what logs show beside them, such as rewards
     */
    void evaluate(TokenBatch tokens, TokenTerms out, int from, int to);
}
