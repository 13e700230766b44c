package io.github.psft4j.spark.wire;

import io.github.psft4j.io.RefusedException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;

/** Runs stages to their end. */
public final class Stages {

    /** Property of Spark: how long a stage waits while there is no executor at all; 0 waits for ever. */
    public static final String WAIT_PROPERTY = "spark.psft.executor.wait";

    private static final String WAIT = "600s";

    /** Between two looks at a stage that has not ended. */
    private static final long LOOK_SECONDS = 2;

    /** What Spark says when a task, or the application, ends with its executors. */
    private static final List<String> EXECUTOR_LOST =
            List.of("ExecutorLostFailure", "removed our application", Patience.SHUT_DOWN);

    private Stages() {}

    /**
     * The elements in the order of the tasks. An interrupt of the thread waits for them, because a trainer finishes its
     * step before it stops.
     *
     * @param need what a task slot needs, said if executors are lost, because the system kills one without a word
     * @throws RefusedException if Spark gave up on a task, with what its last attempt said; if there is no executor for
     *     as long as {@value #WAIT_PROPERTY} says, 600 s by default; or if the context was stopped meanwhile
     */
    public static <T> List<T> collect(JavaRDD<T> stage, String need) {
        JavaFutureAction<List<T>> future = stage.collectAsync();
        Patience patience = new Patience(stage.context());
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get(LOOK_SECONDS, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    String over = patience.over();
                    if (over != null) {
                        future.cancel(true);
                        throw new RefusedException(over);
                    }
                }
            }
        } catch (ExecutionException e) {
            String why = firstLines(e.getCause());
            if (why.contains(Patience.SHUT_DOWN) && !patience.met) {
                throw new RefusedException(patience.stopped(), e.getCause());
            }
            throw new RefusedException(
                    "the cluster gave up on a task: " + why
                            + (EXECUTOR_LOST.stream().anyMatch(why::contains)
                                    ? ". Executors lost again and again are often short of memory. " + need
                                    : ""),
                    e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Spark repeats the stack trace of the executor in its message; the lines before it say what happened. */
    private static String firstLines(Throwable cause) {
        StringBuilder out = new StringBuilder();
        for (String line : String.valueOf(cause.getMessage()).split("\n")) {
            if (line.startsWith("\tat ") || line.isBlank()) {
                break;
            }
            out.append(out.length() == 0 ? "" : " ").append(line.strip());
        }
        return out.toString();
    }

    /** Spark itself waits for ever: for executors that never come, or for an answer from a context that was stopped. */
    private static final class Patience {

        /** What Spark says of the tasks of a context that was stopped. */
        static final String SHUT_DOWN = "SparkContext was shut down";

        private final SparkContext context;
        private final long seconds; // 0: endless
        private final long start = System.nanoTime();
        private long seen = start; // an executor
        private boolean met; // one at all

        Patience(SparkContext context) {
            this.context = context;
            this.seconds = context.getConf().getTimeAsSeconds(WAIT_PROPERTY, WAIT);
        }

        /** Why to wait no longer, null to go on. */
        String over() {
            if (context.isStopped()) {
                return stopped();
            }
            if (context.isLocal() || context.getExecutorMemoryStatus().size() > 1) { // with the driver
                seen = System.nanoTime();
                met = true;
            } else if (seconds > 0 && System.nanoTime() - seen > TimeUnit.SECONDS.toNanos(seconds)) {
                return "no executor of " + context.master() + " for " + seconds + " s. See whether its master answers,"
                        + " has workers, and whether one has the cores and the memory that spark.task.cpus,"
                        + " spark.executor.cores and spark.executor.memory ask for; -D" + WAIT_PROPERTY
                        + "=3600s waits longer, 0 for ever";
            }
            return null;
        }

        private String stopped() {
            return "the Spark context of " + context.master() + " was stopped before its tasks had ended, "
                    + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) + " s after they began; messages of"
                    + " Spark above say why. Where the master does not answer, see whether --cluster names its"
                    + " host and port, and whether it runs";
        }
    }
}
