package io.github.psft4j.spark;

import io.github.psft4j.model.CausalLm;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The replicas of one executor, which stay between tasks. A replica serves one task at a time, so an executor with
 * several task slots has as many. Those of an earlier run are dropped.
 */
final class Replicas {

    private static final List<Replica> IDLE = new ArrayList<>();

    private Replicas() {}

    /**
     * Does work on a replica with the given weights. After a failure the replica is not used again.
     *
     * @throws IllegalStateException if memory runs out, saying what a task slot needs
     * @throws InterruptedException if Spark ends the task
     */
    static <T> T with(Recipe recipe, Supplier<Weights> weights, Function<CausalLm, T> work)
            throws InterruptedException {
        Replica replica = take(recipe);
        boolean done = false;
        try {
            T out = replica.with(weights.get(), work);
            done = true;
            return out;
        } catch (OutOfMemoryError e) { // of ND4J's memory as well
            // Without the error as its cause, for which Spark would end the executor before it can say this.
            throw new IllegalStateException("an executor has not the memory for its replica (Java heap of "
                    + (Runtime.getRuntime().maxMemory() >> 20) + " MB): " + e.getMessage() + ". " + recipe.need());
        } finally {
            if (done) {
                giveBack(replica);
            } else {
                replica.end();
            }
        }
    }

    private static Replica take(Recipe recipe) {
        synchronized (IDLE) {
            drop(idle -> !idle.isOf(recipe.run()));
            for (int i = 0; i < IDLE.size(); i++) {
                if (IDLE.get(i).is(recipe)) {
                    return IDLE.remove(i);
                }
            }
        }
        return new Replica(recipe);
    }

    private static void giveBack(Replica replica) {
        synchronized (IDLE) {
            IDLE.add(replica);
        }
    }

    /** Drops those of a run in this process, which in local mode is the driver's. */
    static void drop(String run) {
        synchronized (IDLE) {
            drop(idle -> idle.isOf(run));
        }
    }

    private static void drop(Predicate<Replica> old) {
        IDLE.removeIf(idle -> {
            if (old.test(idle)) {
                idle.end();
            }
            return old.test(idle);
        });
    }
}
