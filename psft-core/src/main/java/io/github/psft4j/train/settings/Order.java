package io.github.psft4j.train.settings;

/**
 * The order of the data.
 *
 * @param shuffle whether every epoch has its own random order
 * @param seed of the order
 */
public record Order(boolean shuffle, long seed) {}
