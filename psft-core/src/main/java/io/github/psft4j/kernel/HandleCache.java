package io.github.psft4j.kernel;

/** Native handles of arrays that a generation uses at every step, kept so that a step creates none. */
@FunctionalInterface
public interface HandleCache {

    /** Runs work on this thread and keeps the handles that it creates. Their arrays must stay alive and in place. */
    void run(Runnable work);
}
