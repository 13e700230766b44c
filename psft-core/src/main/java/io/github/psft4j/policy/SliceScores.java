package io.github.psft4j.policy;

import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.model.CausalLm;
import java.util.List;
import java.util.Map;

/**
 * Log-probs of sequences under a model as it is now, a slice at a time. A slice is a micro-batch: which sequences share
 * a pass decides the last bits of a log-prob. {@link LocalScores} computes them in this process.
 */
@FunctionalInterface
public interface SliceScores {

    /**
     * Log-probs in nats by the number of the sequence: {@code [length - 1]} each, 0 where a token is not trained.
     *
     * <p>A sequence whose log-probs are not finite is left out.
     */
    Map<Integer, double[]> of(CausalLm model, Scoring how, List<MicroBatch> slices);
}
