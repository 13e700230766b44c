package io.github.psft4j.policy;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.model.CausalLm;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pass that freezes pi_old for a trainer: log-probs of whole sequences under a decoder as it is now.
 * {@link Snapshot} does the same for the label arrays of any network.
 */
public final class DecoderSnapshot {

    private static final Logger LOG = LoggerFactory.getLogger(DecoderSnapshot.class);

    private final MicroBatches microBatches;
    private final double temperature;
    private final SliceScores scores;

    /** @param microBatches cuts sequences as they are cut for training */
    public DecoderSnapshot(MicroBatches microBatches) {
        this(microBatches, 1, new LocalScores());
    }

    /**
     * @param temperature of the policy softmax(logits / temperature); above 0
     * @param scores where the passes are computed
     */
    public DecoderSnapshot(MicroBatches microBatches, double temperature, SliceScores scores) {
        this.microBatches = microBatches;
        this.temperature = temperature;
        this.scores = scores;
    }

    /**
     * Adds the log-probs of these sequences, in nats: {@code [length - 1]} each, 0 where a token is not trained.
     *
     * <p>A sequence whose log-probs are not finite is left out. The step that trains it meets the fault itself, and is
     * then skipped by the trainer's rules. If the fault is gone by then, its ratio is 1.
     *
     * @param numbers by which the sequences are known
     * @param into where the log-probs go, by number
     */
    public void freeze(CausalLm model, int[] numbers, List<Demonstration> sequences, Map<Integer, double[]> into) {
        Map<Integer, double[]> found =
                scores.of(model, new Scoring(true, temperature), microBatches.cut(numbers, sequences));
        int[] left = Arrays.stream(numbers)
                .filter(number -> !found.containsKey(number))
                .toArray();
        if (left.length > 0) {
            LOG.warn(
                    "{} of {} demonstrations, the first of them number {}, have no finite log-prob under pi_old; they"
                            + " are trained without a ratio, or their steps are skipped",
                    left.length,
                    numbers.length,
                    left[0]);
        }
        into.putAll(found);
    }
}
