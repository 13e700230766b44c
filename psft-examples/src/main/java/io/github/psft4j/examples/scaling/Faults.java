package io.github.psft4j.examples.scaling;

/**
 * What goes wrong in a step on a cluster.
 *
 * @param spread of the time of a task, relative: a task takes {@code 1 + spread |N(0, 1)|} times as long
 * @param slow probability that a task is a straggler, which takes twice that time
 * @param lost probability that a task is lost with its executor, at any moment of it
 * @param detection seconds until the driver knows of a loss
 */
record Faults(double spread, double slow, double lost, double detection) {

    static final Faults NONE = new Faults(0, 0, 0, 0);

    /** As on machines that others use as well. */
    static final Faults USUAL = new Faults(0.1, 0.01, 0.002, 10);

    /**
     * Seconds that they add to a step by expectation.
     *
     * <p>Those are of the slowest of all tasks, of a straggler among them, and of a lost task, which is repeated on the
     * first free executor. Meanwhile the gradients of the other tasks come home.
     *
     * @param tasks that run at a time
     * @param task seconds of one without faults
     * @param home seconds of the driver's link for all gradients
     */
    double seconds(int tasks, double task, double home) {
        double others = home * (tasks - 1) / tasks;
        double straggler = 1 - Math.pow(1 - slow, tasks);
        double repeated = 1 - Math.pow(1 - lost, tasks);
        // Known at u * task + detection with u uniform in [0, 1]; free executors start it then, or when they are done.
        double known = detection >= task || tasks == 1
                ? detection - task / 2 + (tasks == 1 ? task : 0)
                : detection * detection / (2 * task);
        double again = known + (tasks == 1 ? 0 : task);
        return Math.max(0, task * spread * largest(tasks) - others)
                + straggler * Math.max(0, task - others)
                + repeated * Math.max(0, again - others);
    }

    /** Expectation of the largest of n |N(0, 1)|: the integral of 1 - erf(x / sqrt 2)^n. */
    private static double largest(int n) {
        double step = 0.01;
        double sum = 0;
        double inside = 0; // probability of |N| < x
        for (double x = step / 2; x < 8; x += step) {
            double density = 2 / Math.sqrt(2 * Math.PI) * Math.exp(-x * x / 2) * step;
            sum += (1 - Math.pow(inside + density / 2, n)) * step;
            inside += density;
        }
        return sum;
    }
}
