package io.github.psft4j.monitor.mlflow;

/**
 * A number of a run.
 *
 * @param key name; a slash makes a group
 * @param value finite
 * @param timestampMillis since 1970
 * @param step optimizer step
 */
public record Metric(String key, double value, long timestampMillis, long step) {}
