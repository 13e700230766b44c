package io.github.psft4j.loss;

import java.io.Serializable;
import java.util.EnumSet;
import java.util.Set;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect.Visibility;
import org.nd4j.shade.jackson.annotation.JsonTypeInfo;

/**
 * A fine-tuning objective: the loss of one demonstrated token and the coefficient of its gradient.
 *
 * <p>Almost every objective of supervised fine-tuning is cross-entropy with a scalar weight per token, {@code
 * dL_t/dlogits = c_t (softmax - onehot)}. An implementation fills {@code loss[t]} and {@code c_t}; softmax, masking,
 * aggregation and the product with the vocabulary happen once, elsewhere. Implementations are immutable values: equal
 * when their parameters are, validated in the constructor, and part of a network's configuration, whose JSON and YAML
 * they survive. A record of plain values does all that as it is; another class needs {@code equals} and a {@code
 * @JsonCreator} constructor (Jackson as shaded by ND4J).
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS, property = "@class")
@JsonAutoDetect(
        fieldVisibility = Visibility.ANY,
        getterVisibility = Visibility.NONE,
        isGetterVisibility = Visibility.NONE)
public interface TokenObjective extends Serializable {

    /** Short name for logs and metrics, such as {@code psft}. */
    String name();

    /** Label columns that {@link #evaluate} reads, beside the token id; none by default. */
    default Set<Column> columns() {
        return EnumSet.noneOf(Column.class);
    }

    /**
     * Whether {@link #evaluate} must see the whole mini-batch at once because a token's terms depend on other tokens
     * (sequence ratios, batch statistics). The default, false, lets long vocabularies be worked in chunks of rows.
     */
    default boolean needsWholeBatch() {
        return false;
    }

    /**
     * Fills {@code out} for the tokens t in [from, to), all of which are inside the loss mask.
     *
     * @param tokens log-probs and columns of the mini-batch
     * @param out loss and coefficient of every token
     */
    void evaluate(TokenBatch tokens, TokenTerms out, int from, int to);
}
