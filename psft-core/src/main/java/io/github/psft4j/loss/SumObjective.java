package io.github.psft4j.loss;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect.Visibility;

/**
 * Weighted sum of objectives; made by {@link TokenObjective#plus}.
 *
 * <pre>
 * L_t = sum over terms of weight L_t(term)        and the same for gradients
 * </pre>
 *
 * <p>It asks for what its terms ask for together, and shows what they measure. Its ratio is the first term's.
 *
 * @param terms at least one, none of them a sum
 */
public record SumObjective(List<Term> terms) implements TokenObjective {

    /**
     * One summand.
     *
     * @param weight any finite number
     * @param objective what it weighs
     */
    @JsonAutoDetect(
            fieldVisibility = Visibility.ANY,
            getterVisibility = Visibility.NONE,
            isGetterVisibility = Visibility.NONE)
    public record Term(double weight, TokenObjective objective) implements Serializable {

        /** @throws IllegalArgumentException if the weight is not finite or there is no objective */
        public Term {
            if (!Double.isFinite(weight)) {
                throw new IllegalArgumentException("the weight of a term must be finite, was " + weight);
            }
            if (objective == null) {
                throw new IllegalArgumentException("a term needs an objective");
            }
        }
    }

    /** @throws IllegalArgumentException if there are no terms */
    public SumObjective {
        if (terms == null || terms.isEmpty()) {
            throw new IllegalArgumentException("a sum needs at least one term");
        }
        List<Term> flat = new ArrayList<>();
        for (Term term : terms) {
            if (term.objective() instanceof SumObjective sum) {
                sum.terms.forEach(t -> flat.add(new Term(term.weight() * t.weight(), t.objective())));
            } else {
                flat.add(term);
            }
        }
        terms = List.copyOf(flat);
    }

    @Override
    public String name() {
        return terms.stream()
                .map(t -> (t.weight() == 1 ? "" : t.weight() + "*")
                        + t.objective().name())
                .collect(Collectors.joining("+"));
    }

    @Override
    public Set<Column> columns() {
        EnumSet<Column> all = EnumSet.noneOf(Column.class);
        terms.forEach(t -> all.addAll(t.objective().columns()));
        return all;
    }

    @Override
    public RowNeeds needs() {
        return terms.stream().map(t -> t.objective().needs()).reduce(RowNeeds.NONE, RowNeeds::plus);
    }

    @Override
    public Scope scope() {
        return terms.stream().map(t -> t.objective().scope()).reduce(Scope.TOKEN, (a, b) -> a.compareTo(b) > 0 ? a : b);
    }

    @Override
    public int neighbours() {
        return terms.stream().mapToInt(t -> t.objective().neighbours()).max().orElse(1);
    }

    @Override
    public Aggregation aggregation() {
        return terms.get(0).objective().aggregation();
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        double gain = out.gain();
        int first = out.term();
        for (int i = 0; i < terms.size(); i++) {
            out.begin(first + i, gain * terms.get(i).weight());
            terms.get(i).objective().evaluate(tokens, out, from, to);
        }
        out.begin(first, gain);
    }
}
