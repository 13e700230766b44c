package io.github.psft4j.loss;

import java.util.EnumSet;
import java.util.Set;

/**
 * An objective whose labels carry {@link Column#WEIGHT}: every token's loss and gradient are multiplied by its weight.
 * Denominators still count tokens, so that weights of mean 1 keep the learning rate.
 *
 * @param objective what is weighted
 */
public record WeightedObjective(TokenObjective objective) implements TokenObjective {

    /** @throws IllegalArgumentException if there is no objective */
    public WeightedObjective {
        if (objective == null) {
            throw new IllegalArgumentException("a weighted objective needs an objective");
        }
    }

    @Override
    public String name() {
        return objective.name();
    }

    @Override
    public Set<Column> columns() {
        EnumSet<Column> all = EnumSet.of(Column.WEIGHT);
        all.addAll(objective.columns());
        return all;
    }

    @Override
    public RowNeeds needs() {
        return objective.needs();
    }

    @Override
    public Scope scope() {
        return objective.scope();
    }

    @Override
    public int neighbours() {
        return objective.neighbours();
    }

    @Override
    public Aggregation aggregation() {
        return objective.aggregation();
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        objective.evaluate(tokens, out, from, to);
    }
}
