package io.github.psft4j.data.batch;

import io.github.psft4j.kernel.SequenceLayout;
import java.util.List;

/**
 * Sequences of one forward and backward pass.
 *
 * @param numbers by which the sequences are known, {@code [S]}
 * @param sequences in the same order
 * @param layout their places in rows of tokens
 */
public record MicroBatch(int[] numbers, List<Demonstration> sequences, SequenceLayout layout) {}
