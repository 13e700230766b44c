package io.github.psft4j.loss;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Means under names of their own that an objective measures beside its {@link LossReport}, such as the share of tokens
 * clipped from below. Sums and counts are kept, so that those of micro-batches add up.
 *
 * @param means by name, in the order of logs
 */
public record Measures(Map<String, Mean> means) {

    /** Nothing measured. */
    public static final Measures NONE = new Measures(Map.of());

    /**
     * A sum and what it is divided by.
     *
     * @param sum of the values
     * @param count how many there are, 0 or above
     */
    public record Mean(double sum, double count) {

        /** The mean, NaN over nothing. */
        public double value() {
            return sum / count;
        }
    }

    /** Copies the map and keeps its order. */
    public Measures {
        means = new LinkedHashMap<>(means);
    }

    /** These and one more mean. */
    public Measures with(String name, double sum, double count) {
        Measures out = new Measures(means);
        out.means.merge(name, new Mean(sum, count), Measures::add);
        return out;
    }

    /** These and those of another part of the same accumulation window. */
    public Measures plus(Measures other) {
        if (means.isEmpty() || other.means.isEmpty()) {
            return means.isEmpty() ? other : this;
        }
        Measures out = new Measures(means);
        other.means.forEach((name, mean) -> out.means.merge(name, mean, Measures::add));
        return out;
    }

    /** The means by name, in their order. */
    public Map<String, Double> values() {
        Map<String, Double> out = new LinkedHashMap<>();
        means.forEach((name, mean) -> out.put(name, mean.value()));
        return out;
    }

    private static Mean add(Mean a, Mean b) {
        return new Mean(a.sum + b.sum, a.count + b.count);
    }
}
