package io.github.psft4j.config;

/**
 * One thing that is wrong with a configuration.
 *
 * @param where line and key, such as {@code line 4, optimizer.lr}
 * @param problem what is wrong and the remedy
 */
public record Fault(String where, String problem) {

    /** The fault as one line. */
    @Override
    public String toString() {
        return where + ": " + problem;
    }
}
