package io.github.psft4j.transformer.generation;

/** A request that a {@link ContinuousGenerator} has taken. */
public interface GenerationTicket {

    /** Ends all its samples before the next step, which frees their slots; {@link StreamListener#onEnd} follows. */
    void cancel();
}
