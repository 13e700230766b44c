package io.github.psft4j.kernel;

/** A stretch of work during which no weight changes; see {@link Products#holdWeights()}. */
@FunctionalInterface
public interface WeightScope extends AutoCloseable {

    /** Ends the stretch; weights may change again. */
    @Override
    void close();
}
