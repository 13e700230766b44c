package io.github.psft4j.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * What an optimizer step takes on a cluster: the formula of docs/spark.md, and a simulation of the same step event by
 * event, which can also have stragglers and failures.
 *
 * @param slices of the mini-batch
 * @param sliceSeconds to compute one slice
 * @param bytes of the trained weights, and of the gradient of a slice
 * @param linkBytes bytes per second of a node's link, each way
 * @param byteSeconds of the driver per byte of a gradient: copies and the sum
 * @param taskSeconds of the driver per task: scheduling and its answer
 */
record ScalingModel(
        int slices, double sliceSeconds, double bytes, double linkBytes, double byteSeconds, double taskSeconds) {

    /** Most pieces of a broadcast that are simulated one by one. */
    private static final int PIECES = 200;

    /**
     * What goes wrong.
     *
     * @param spread of the time of a slice, relative
     * @param slow probability that a task is a straggler, which takes twice the time
     * @param lost probability that a task is lost with its executor
     * @param detection seconds until the driver knows of a loss
     */
    record Faults(double spread, double slow, double lost, double detection) {
        static final Faults NONE = new Faults(0, 0, 0, 0);
    }

    /** Seconds of a step by the formula. */
    double seconds(int nodes) {
        int tasks = Math.min(nodes, slices);
        double weightsOut = bytes / linkBytes * (nodes == 1 ? 1 : 2);
        double compute = Math.ceil((double) slices / tasks) * sliceSeconds;
        double gradientsHome = slices * bytes * (1 / linkBytes + byteSeconds);
        return weightsOut + compute + gradientsHome + tasks * taskSeconds;
    }

    /** Seconds of a simulated step. */
    double simulated(int nodes, Faults faults, Random random) {
        int tasks = Math.min(nodes, slices);
        double[] ready = broadcast(tasks, random);
        PriorityQueue<Double> done = new PriorityQueue<>();
        double[] idle = new double[tasks];
        List<double[]> again = new ArrayList<>(); // when the driver knows, seconds to repeat
        for (int task = 0; task < tasks; task++) {
            int own = slices * (task + 1) / tasks - slices * task / tasks;
            double start = Math.max(ready[task], (task + 1) * taskSeconds);
            double seconds = own * sliceSeconds * slowness(faults, random);
            if (random.nextDouble() < faults.lost()) {
                double end = start + seconds * random.nextDouble();
                again.add(new double[] {end + faults.detection(), seconds});
                idle[task] = Double.MAX_VALUE; // until another executor has started
            } else {
                idle[task] = start + seconds;
                done.add(start + seconds);
            }
        }
        again.sort(Comparator.comparingDouble(a -> a[0]));
        for (double[] lost : again) {
            int first = 0;
            for (int node = 1; node < tasks; node++) {
                first = idle[node] < idle[first] ? node : first;
            }
            double start = idle[first] == Double.MAX_VALUE ? lost[0] : Math.max(lost[0], idle[first]);
            idle[first] = start + lost[1];
            done.add(idle[first]);
        }
        double home = 0;
        double each = (double) slices / tasks * bytes;
        while (!done.isEmpty()) {
            home = Math.max(home, done.remove()) + each / linkBytes; // one link into the driver
        }
        return home + slices * bytes * byteSeconds;
    }

    private double slowness(Faults faults, Random random) {
        double noise = 1 + faults.spread() * Math.abs(random.nextGaussian());
        return random.nextDouble() < faults.slow() ? 2 * noise : noise;
    }

    /** When each executor has all weights: pieces come from the driver and from executors that have them. */
    private double[] broadcast(int nodes, Random random) {
        int pieces = (int) Math.max(1, Math.min(PIECES, bytes / (4 << 20)));
        double one = bytes / pieces / linkBytes;
        double[][] has = new double[nodes + 1][pieces]; // when; the last is the driver
        for (int node = 0; node < nodes; node++) {
            Arrays.fill(has[node], Double.MAX_VALUE);
        }
        double[] up = new double[nodes + 1];
        double[] down = new double[nodes];
        for (int round = 0; round < pieces; round++) {
            for (int node = 0; node < nodes; node++) {
                int piece = (round + node * pieces / nodes) % pieces;
                int source = nodes;
                for (int tried = 0; tried < 4; tried++) { // some that may have it: the one that is free first
                    int other = random.nextInt(nodes + 1);
                    if (Math.max(up[other], has[other][piece]) < Math.max(up[source], has[source][piece])) {
                        source = other;
                    }
                }
                double start = Math.max(Math.max(up[source], has[source][piece]), down[node]);
                has[node][piece] = start + one;
                up[source] = start + one;
                down[node] = start + one;
            }
        }
        return down;
    }
}
