package io.github.psft4j.spark;

import io.github.psft4j.io.RefusedException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;

/** Runs stages to their end. */
final class Stages {

    private Stages() {}

    /**
     * The elements in the order of the tasks. An interrupt of the thread waits for them, because a trainer finishes its
     * step before it stops.
     *
     * @throws RefusedException if Spark gave up on a task, with what its last attempt said
     */
    static <T> List<T> collect(JavaRDD<T> stage) {
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
            throw new RefusedException("the cluster gave up on a task: " + firstLines(e.getCause()), e.getCause());
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
