package io.github.psft4j.reward;

import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Several reward functions with weights, each on a worker of its own with a time limit.
 *
 * <p>The total of a sample is {@code sum over functions of weight * value}, over the functions that have a number. A
 * function that throws, hangs, returns NaN or the wrong number of values is named, counted and shown, and its samples
 * have no total. A function that fails in {@code failureLimit} calls in a row ends the run by a
 * {@link RewardException}.
 *
 * <p>Not thread-safe: one thread calls {@link #score}.
 */
public final class Rewards implements AutoCloseable {

    /** Calls in a row that may fail: enough for a restart of a judge, too few to waste a night. */
    public static final int FAILURE_LIMIT = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Rewards.class);

    private final List<RewardWorker> workers;
    private final int failureLimit;
    private final Map<String, Map<RewardFailure.Kind, Long>> counts = new LinkedHashMap<>();
    private final int[] failedInARow;

    /** The functions, with the default limit of three failing calls in a row. */
    public Rewards(List<WeightedReward> functions) {
        this(functions, FAILURE_LIMIT);
    }

    /**
     * @param failureLimit calls of one function in a row that may fail before the run ends, &gt;= 1
     * @throws IllegalArgumentException if there is no function, two have one name, or the limit is below 1
     */
    public Rewards(List<WeightedReward> functions, int failureLimit) {
        if (functions.isEmpty()) {
            throw new IllegalArgumentException(
                    "there must be at least one reward; there are " + RewardRegistry.names());
        }
        if (failureLimit < 1) {
            throw new IllegalArgumentException("the failure limit must be 1 or above, was " + failureLimit);
        }
        this.failureLimit = failureLimit;
        this.failedInARow = new int[functions.size()];
        for (WeightedReward function : functions) {
            if (counts.put(function.name(), new EnumMap<>(RewardFailure.Kind.class)) != null) {
                throw new IllegalArgumentException(
                        "two rewards are called " + function.name() + "; give one of them another name");
            }
        }
        this.workers = functions.stream().map(RewardWorker::new).toList();
    }

    /** Names of the functions in their order. */
    public List<String> names() {
        return workers.stream().map(w -> w.reward().name()).toList();
    }

    /** Names, weights and settings in their order, by which a resumed run is compared; time limits may change. */
    public String describe() {
        return workers.stream()
                .map(RewardWorker::reward)
                .map(reward -> reward.name() + " " + reward.weight() + " " + reward.settings())
                .toList()
                .toString();
    }

    /**
     * Scores a batch. The functions run at the same time.
     *
     * @throws RewardException if a function has failed too often in a row
     * @throws InterruptedException if the caller is interrupted; all functions are then, too
     */
    public RewardTable score(List<RewardSample> samples) throws InterruptedException {
        List<RewardSample> batch = List.copyOf(samples);
        List<RewardWorker.Call> calls = workers.stream().map(w -> w.call(batch)).toList();
        List<List<RewardValue>> values = new ArrayList<>();
        List<RewardFailure> failures = new ArrayList<>();
        try {
            for (int f = 0; f < workers.size(); f++) {
                int before = failures.size();
                values.add(calls.get(f).await(failures));
                boolean wholeCall = failures.size() > before
                        && values.get(f).stream().noneMatch(v -> v.state() != RewardValue.State.FAILED);
                failedInARow[f] = wholeCall ? failedInARow[f] + 1 : 0;
            }
        } catch (InterruptedException e) {
            calls.forEach(RewardWorker.Call::cancel);
            throw e;
        }
        failures.forEach(this::count);
        stopIfHopeless(failures);
        return new RewardTable(names(), values, totals(values, batch.size()), failures);
    }

    private List<RewardValue> totals(List<List<RewardValue>> values, int samples) {
        List<RewardValue> totals = new ArrayList<>(samples);
        for (int i = 0; i < samples; i++) {
            totals.add(total(values, i));
        }
        return totals;
    }

    private RewardValue total(List<List<RewardValue>> values, int sample) {
        double sum = 0;
        boolean any = false;
        for (int f = 0; f < values.size(); f++) {
            RewardValue value = values.get(f).get(sample);
            if (value.state() == RewardValue.State.FAILED) {
                return RewardValue.failed(workers.get(f).reward().name() + ": " + value.note());
            }
            if (value.isNumber()) {
                any = true;
                sum += workers.get(f).reward().weight() * value.value();
            }
        }
        return any ? RewardValue.of(sum) : RewardValue.notApplicable("no reward applies");
    }

    private void count(RewardFailure failure) {
        long before = counts.get(failure.reward()).merge(failure.kind(), (long) failure.samples(), Long::sum)
                - failure.samples();
        if (before == 0) {
            LOG.warn("{} ({} samples have no total; more of this kind are counted)", failure, failure.samples());
        } else {
            LOG.debug("{}", failure);
        }
    }

    private void stopIfHopeless(List<RewardFailure> failures) {
        for (int f = 0; f < workers.size(); f++) {
            String name = workers.get(f).reward().name();
            if (failedInARow[f] >= failureLimit) {
                String last = failures.stream()
                        .filter(failure -> failure.reward().equals(name))
                        .map(RewardFailure::message)
                        .findFirst()
                        .orElse("");
                throw new RewardException("reward " + name + " failed in " + failedInARow[f]
                        + " calls in a row, the last time: " + Shown.wide(last)
                        + "; correct it, raise its time limit, or leave it out");
            }
        }
    }

    /** Samples without a value so far, by function and by what went wrong. */
    public Map<String, Map<RewardFailure.Kind, Long>> failures() {
        Map<String, Map<RewardFailure.Kind, Long>> out = new LinkedHashMap<>();
        counts.forEach((name, byKind) -> out.put(name, Collections.unmodifiableMap(new EnumMap<>(byKind))));
        return Collections.unmodifiableMap(out);
    }

    /** Ends the workers, closes the functions, and says how many samples were left without a value, and why. */
    @Override
    public void close() {
        counts.forEach((name, byKind) -> {
            if (!byKind.isEmpty()) {
                long samples =
                        byKind.values().stream().mapToLong(Long::longValue).sum();
                LOG.warn("reward {}: {} samples without a value in all, {}", name, samples, byKind);
            }
        });
        workers.forEach(RewardWorker::close);
    }
}
