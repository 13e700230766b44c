package io.github.psft4j.examples.scaling;

/**
 * An optimizer step on a cluster, and how long it takes by the formula of docs/spark.md.
 *
 * <p>{@code T(n) = c + W (2 / B + q) + ceil(S / n) t + S W (1 / B + r) + n h} on n executors of one core.
 *
 * @param slices S of the mini-batch
 * @param sliceSeconds t, to compute one slice
 * @param bytes W of the trained weights, and of the gradient of a slice
 * @param linkBytes B, bytes per second of a node's link, each way
 * @param weightSeconds q per byte of the weights: optimizer, copy, broadcast, taking them over
 * @param gradientSeconds r of the driver per byte of a gradient: copies and the sum
 * @param taskSeconds h of the driver per task: scheduling and its answer
 * @param stageSeconds c of a stage: messages of driver and executors, whatever the bytes
 */
record ClusterStep(
        int slices,
        double sliceSeconds,
        double bytes,
        double linkBytes,
        double weightSeconds,
        double gradientSeconds,
        double taskSeconds,
        double stageSeconds) {

    /** Seconds without faults. */
    double seconds(int nodes) {
        int tasks = tasks(nodes);
        double weightsOut = bytes * ((tasks == 1 ? 1 : 2) / linkBytes + weightSeconds);
        double gradientsHome = slices * bytes * (1 / linkBytes + gradientSeconds);
        return stageSeconds + weightsOut + longestTask(nodes) + gradientsHome + tasks * taskSeconds;
    }

    /** Seconds with faults, by expectation. */
    double seconds(int nodes, Faults faults) {
        return seconds(nodes) + faults.seconds(tasks(nodes), longestTask(nodes), slices * bytes / linkBytes);
    }

    /** Tasks that run at a time. */
    int tasks(int nodes) {
        return Math.min(nodes, slices);
    }

    private double longestTask(int nodes) {
        return Math.ceil((double) slices / tasks(nodes)) * sliceSeconds;
    }
}
