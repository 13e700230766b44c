package io.github.psft4j.spark;

import io.github.psft4j.model.CausalLm;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * A model of an executor and the one thread that uses it. ND4J keeps the working memory of a thread, and Spark's
 * threads come and go.
 */
final class Replica {

    private final Recipe recipe;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
        Thread made = new Thread(work, "psft-replica");
        made.setDaemon(true);
        return made;
    });
    private CausalLm model; // null before the first work
    private long version; // of its trained weights, 0 for none yet

    Replica(Recipe recipe) {
        this.recipe = recipe;
    }

    /** Whether it is of this model. */
    boolean is(Recipe other) {
        return recipe.number() == other.number() && isOf(other.run());
    }

    /** Whether it is of this run. */
    boolean isOf(String run) {
        return recipe.run().equals(run);
    }

    /** Does work on the model with the given weights, and waits for it. */
    <T> T with(Weights weights, Function<CausalLm, T> work) throws InterruptedException {
        Callable<T> all = () -> {
            if (model == null) {
                model = recipe.make();
            }
            if (version != weights.version()) {
                weights.copyTo(model.graph().params());
                version = weights.version();
            }
            return work.apply(model);
        };
        try {
            return thread.submit(all).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Ends the thread behind the work that it may have. */
    void end() {
        thread.shutdown();
    }
}
