package io.github.psft4j.train.source;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.Denominator;
import java.util.List;

/**
 * The sequences of one optimizer step.
 *
 * @param epoch pass over the data, from 1
 * @param macroStep macro-batch since the start of the run, from 1
 * @param numbers by which columns know the sequences, {@code [S]}; a sequence that comes again has the same number
 * @param sequences in the same order
 * @param counting which of them a mean over sequences divides by
 */
public record MiniBatch(int epoch, int macroStep, int[] numbers, List<Demonstration> sequences, Counting counting) {

    /** Which sequences a mean over sequences divides by. */
    public enum Counting {
        /** Those with a trained token. */
        TRAINED,
        /** All of them, also those that a mask excludes. */
        ALL
    }

    /** Sequences of which those with a trained token count. */
    public MiniBatch(int epoch, int macroStep, int[] numbers, List<Demonstration> sequences) {
        this(epoch, macroStep, numbers, sequences, Counting.TRAINED);
    }

    /** Tokens of all sequences, prompts included; the last one of a sequence is only predicted and does not count. */
    public long tokens() {
        return sequences.stream().mapToLong(d -> d.length() - 1).sum();
    }

    /** What the loss divides by: trained tokens, and the sequences that count. */
    public Denominator totals() {
        long tokens = 0;
        long counted = 0;
        for (Demonstration sequence : sequences) {
            int trained = sequence.trainedTokens();
            tokens += trained;
            counted += trained > 0 || counting == Counting.ALL ? 1 : 0;
        }
        return new Denominator(tokens, counted);
    }
}
