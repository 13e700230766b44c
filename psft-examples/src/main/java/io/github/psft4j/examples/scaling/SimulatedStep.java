package io.github.psft4j.examples.scaling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * A step on a cluster, event by event. Pieces of the weights go from node to node, tasks have their faults, and
 * gradients queue for the driver's link.
 *
 * @param step what is computed
 * @param nodes executors of one core
 * @param faults what goes wrong
 */
record SimulatedStep(ClusterStep step, int nodes, Faults faults) {

    /** Bytes of a piece of a broadcast. */
    private static final int PIECE = 4 << 20;

    /** Most pieces that are simulated one by one. */
    private static final int PIECES = 100;

    /** Executors that another asks whether they have a piece. */
    private static final int TRIED = 8;

    /** Mean seconds of many steps. */
    double mean(int steps, long seed) {
        Random random = new Random(seed);
        double sum = 0;
        for (int i = 0; i < steps; i++) {
            sum += seconds(random);
        }
        return sum / steps;
    }

    /** Seconds of one step. */
    double seconds(Random random) {
        int tasks = step.tasks(nodes);
        double[] ready = broadcast(tasks, random);
        PriorityQueue<Double> done = new PriorityQueue<>();
        double[] idle = new double[tasks];
        List<double[]> again = new ArrayList<>(); // when the driver knows, seconds to repeat
        for (int task = 0; task < tasks; task++) {
            int own = step.slices() * (task + 1) / tasks - step.slices() * task / tasks;
            double start = Math.max(ready[task], step.stageSeconds() + (task + 1) * step.taskSeconds());
            double seconds = own * step.sliceSeconds() * slowness(random);
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
        double each = (double) step.slices() / tasks * step.bytes();
        while (!done.isEmpty()) {
            home = Math.max(home, done.remove()) + each / step.linkBytes(); // one link into the driver
        }
        return home + step.slices() * step.bytes() * step.gradientSeconds();
    }

    private double slowness(Random random) {
        double noise = 1 + faults.spread() * Math.abs(random.nextGaussian());
        return random.nextDouble() < faults.slow() ? 2 * noise : noise;
    }

    /**
     * When each executor has all weights. It asks for one piece after the other in an order of its own, from the driver
     * or an executor that has it: of some that it tries, the one that is free first.
     */
    private double[] broadcast(int executors, Random random) {
        int pieces = (int) Math.max(1, Math.min(PIECES, step.bytes() / PIECE));
        double one = step.bytes() / pieces / step.linkBytes();
        double[][] has = new double[executors + 1][pieces]; // when; the last is the driver
        double[] up = new double[executors + 1];
        double[] down = new double[executors];
        int[] got = new int[executors];
        Arrays.fill(down, step.stageSeconds() + step.bytes() * step.weightSeconds());
        PriorityQueue<Integer> asking = new PriorityQueue<>(Comparator.comparingDouble(node -> down[node]));
        for (int node = 0; node < executors; node++) {
            Arrays.fill(has[node], Double.MAX_VALUE);
            asking.add(node);
        }
        while (!asking.isEmpty()) {
            int node = asking.remove();
            int piece = missing(has[node], random.nextInt(pieces));
            int source = executors;
            for (int tried = 0; tried < TRIED; tried++) {
                int other = random.nextInt(executors);
                if (has[other][piece] <= down[node] && up[other] < up[source]) {
                    source = other;
                }
            }
            down[node] = Math.max(up[source], down[node]) + one;
            up[source] = down[node];
            has[node][piece] = down[node];
            if (++got[node] < pieces) {
                asking.add(node);
            }
        }
        return down;
    }

    /** The first piece from this one on that is not there. */
    private static int missing(double[] has, int from) {
        int piece = from;
        while (has[piece] < Double.MAX_VALUE) {
            piece = (piece + 1) % has.length;
        }
        return piece;
    }
}
