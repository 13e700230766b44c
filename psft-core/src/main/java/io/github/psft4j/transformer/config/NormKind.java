package io.github.psft4j.transformer.config;

/** Norm before each half of a block and before the head. */
public enum NormKind {
    /** {@code x g / sqrt(mean(x²) + eps)} (arXiv 1910.07467): a gain, no bias. */
    RMS,
    /** {@code (x - mean) g / sqrt(var + eps) + b} (arXiv 1607.06450): a gain and a bias. */
    LAYER
}
