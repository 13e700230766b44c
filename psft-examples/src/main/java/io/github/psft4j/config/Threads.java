package io.github.psft4j.config;

/** The number of worker threads, which the kernels read when they are first used. */
public final class Threads {

    /** Property of the worker pool, named here so that no class of the kernels is loaded. */
    private static final String PROPERTY = "psft.threads";

    private Threads() {}

    /** Sets the number, 0 for all processors; a system property that the user has set wins. */
    public static void apply(int threads) {
        if (threads < 0) {
            throw new IllegalArgumentException("threads must be 0 (all processors) or more, was " + threads);
        }
        if (threads > 0) {
            System.getProperties().putIfAbsent(PROPERTY, String.valueOf(threads));
        }
    }
}
