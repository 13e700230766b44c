package io.github.psft4j.monitor.signature;

/**
 * A failure signature that was seen.
 *
 * @param step optimizer step at which it was recognised
 * @param signature its name, such as {@code idle-clip}
 * @param observation what was measured, with the numbers
 * @param remedy what to change
 */
public record Finding(int step, String signature, String observation, String remedy) {}
