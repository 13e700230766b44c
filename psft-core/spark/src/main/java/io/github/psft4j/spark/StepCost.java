package io.github.psft4j.spark;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the time of a mini-batch's gradients went, in seconds. The three parts add up to the wall time. There are at
 * most as many tasks as the cluster runs at a time.
 *
 * @param compute of the mean task
 * @param waiting of the mean task for the slowest
 * @param wire everything else: weights out, scheduling, gradients home and their sum
 */
record StepCost(double compute, double waiting, double wire) {

    static final StepCost NONE = new StepCost(Double.NaN, Double.NaN, Double.NaN);

    /** The cost of a stage. */
    static StepCost of(List<? extends TaskResult<?>> results, long wallNanos) {
        double mean = results.stream().mapToLong(TaskResult::nanos).average().orElse(0) / 1e9;
        double slowest = results.stream().mapToLong(TaskResult::nanos).max().orElse(0) / 1e9;
        return new StepCost(mean, slowest - mean, wallNanos / 1e9 - slowest);
    }

    Map<String, Double> measures() {
        Map<String, Double> out = new LinkedHashMap<>();
        if (!Double.isNaN(compute)) {
            out.put("cluster_compute_seconds", compute);
            out.put("cluster_wait_seconds", waiting);
            out.put("cluster_wire_seconds", wire);
        }
        return out;
    }
}
