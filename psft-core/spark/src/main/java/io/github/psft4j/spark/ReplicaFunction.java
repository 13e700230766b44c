package io.github.psft4j.spark;

import io.github.psft4j.model.CausalLm;
import java.io.Serializable;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;

/**
 * What a task does on a replica.
 *
 * @param <D> what it is given
 * @param <T> what comes back, any number of them
 */
abstract class ReplicaFunction<D extends Serializable, T extends Serializable> implements Function<D, TaskResult<T>> {

    private static final long serialVersionUID = 1L;

    private final Recipe recipe;
    private final Broadcast<Weights> weights;

    ReplicaFunction(Recipe recipe, Broadcast<Weights> weights) {
        this.recipe = recipe;
        this.weights = weights;
    }

    @Override
    public final TaskResult<T> call(D data) throws InterruptedException {
        long start = System.nanoTime();
        return Replicas.with(recipe, weights::value, model -> {
            long ready = System.nanoTime();
            T[] parts = of(model, data);
            return new TaskResult<>(parts, ready - start, System.nanoTime() - ready);
        });
    }

    abstract T[] of(CausalLm model, D data);
}
