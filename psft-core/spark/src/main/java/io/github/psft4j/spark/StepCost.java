package io.github.psft4j.spark;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a mini-batch's gradients cost. There are at most as many tasks as the cluster runs at a time. The seconds of
 * weights, compute, waiting, sum and wire add up to the wall time of the gradients; those of the driver come on top.
 *
 * @param compute seconds of the mean task
 * @param waiting seconds of the mean task for the slowest
 * @param weights seconds in which the driver copies the weights, and the mean task receives them and takes them over
 * @param sum seconds in which the driver unpacks gradients and adds them
 * @param wire seconds of everything else: tasks out, gradients home
 * @param driver seconds between the gradients of the step before and these without scores, samples and evaluations:
 *     optimizer, metrics, checkpoints; NaN for the first
 * @param weightBytes of one copy of the weights
 * @param gradientBytes of all slices together
 */
record StepCost(
        double compute,
        double waiting,
        double weights,
        double sum,
        double wire,
        double driver,
        long weightBytes,
        long gradientBytes) {

    static final StepCost NONE =
            new StepCost(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, 0, 0);

    /** Nanoseconds of the driver, and bytes. */
    record Driver(long copy, long sum, long wall, long between, long weightBytes, long gradientBytes) {}

    /** The cost of a stage. */
    static StepCost of(List<? extends TaskResult<?>> tasks, Driver driver) {
        double compute =
                tasks.stream().mapToLong(TaskResult::computeNanos).average().orElse(0);
        double ready =
                tasks.stream().mapToLong(TaskResult::readyNanos).average().orElse(0);
        double slowest = tasks.stream()
                .mapToLong(task -> task.readyNanos() + task.computeNanos())
                .max()
                .orElse(0);
        return new StepCost(
                compute / 1e9,
                (slowest - ready - compute) / 1e9,
                (driver.copy() + ready) / 1e9,
                driver.sum() / 1e9,
                (driver.wall() - driver.copy() - slowest - driver.sum()) / 1e9,
                driver.between() < 0 ? Double.NaN : driver.between() / 1e9,
                driver.weightBytes(),
                driver.gradientBytes());
    }

    Map<String, Double> measures() {
        Map<String, Double> out = new LinkedHashMap<>();
        if (Double.isNaN(compute)) {
            return out;
        }
        out.put("cluster_compute_seconds", compute);
        out.put("cluster_wait_seconds", waiting);
        out.put("cluster_weights_seconds", weights);
        out.put("cluster_sum_seconds", sum);
        out.put("cluster_wire_seconds", wire);
        if (!Double.isNaN(driver)) {
            out.put("cluster_driver_seconds", driver);
        }
        out.put("cluster_weights_bytes", (double) weightBytes);
        out.put("cluster_gradients_bytes", (double) gradientBytes);
        return out;
    }
}
