package io.github.psft4j.spark.wire;

import io.github.psft4j.io.RefusedException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;

/** Runs stages to their end. */
public final class Stages {

    /** What Spark says when a task, or the application, ends with its executors. */
    private static final List<String> EXECUTOR_LOST =
            List.of("ExecutorLostFailure", "removed our application", "SparkContext was shut down");

    private Stages() {}

    /**
     * The elements in the order of the tasks. An interrupt of the thread waits for them, because a trainer finishes its
     * step before it stops.
     *
     * @param need what a task slot needs, said if executors are lost, because the system kills one without a word
     * @throws RefusedException if Spark gave up on a task, with what its last attempt said
     */
    public static <T> List<T> collect(JavaRDD<T> stage, String need) {
        JavaFutureAction<List<T>> future = stage.collectAsync();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            String why = firstLines(e.getCause());
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
}
