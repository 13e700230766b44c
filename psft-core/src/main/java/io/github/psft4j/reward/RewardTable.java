package io.github.psft4j.reward;

import java.util.List;

/**
 * The rewards of a batch: every function's value of every sample, and the totals.
 *
 * @param names the functions, in the order of {@link Rewards}
 * @param values {@code [functions][samples]}
 * @param totals {@code [samples]}: the weighted sum of the numbers. It is not applicable where no function has an
 *     opinion, and failed where one of them failed: a sum without it would be another reward than its neighbours'.
 * @param failures what went wrong, empty if nothing did
 */
public record RewardTable(
        List<String> names, List<List<RewardValue>> values, List<RewardValue> totals, List<RewardFailure> failures) {

    /** Copies the lists. */
    public RewardTable {
        names = List.copyOf(names);
        values = values.stream().map(List::copyOf).toList();
        totals = List.copyOf(totals);
        failures = List.copyOf(failures);
    }

    /** Number of samples. */
    public int size() {
        return totals.size();
    }

    /** The value that function {@code function} gives sample {@code sample}. */
    public RewardValue value(int function, int sample) {
        return values.get(function).get(sample);
    }

    /** Mean and deviation of one function. */
    public RewardStatistics statistics(int function) {
        return RewardStatistics.of(values.get(function));
    }

    /** Mean and deviation of the totals. */
    public RewardStatistics statistics() {
        return RewardStatistics.of(totals);
    }
}
