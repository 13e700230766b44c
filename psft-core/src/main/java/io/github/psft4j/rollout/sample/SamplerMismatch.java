package io.github.psft4j.rollout.sample;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.rollout.RolloutBatch;
import io.github.psft4j.train.TrainedTokens;
import java.nio.IntBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Differences between the log-probs of the sampler and those of the trainer at the same weights, nats. In float on the
 * CPU both have the same bits with oneDNN on AVX-512, so they are 0 there; elsewhere they are rounding, promised to be
 * at most 1e-5. The trainer's log-probs are those of pi_old, or in the first step of a rollout, before any weight has
 * changed, those of the step itself. A pass with dropout or noise on the embeddings is not compared, but its pi_old is.
 */
final class SamplerMismatch {

    private final Map<IntBuffer, Rollout> rollouts = new HashMap<>(); // by their tokens
    private boolean unchanged; // whether the weights are those that were sampled
    private double largest; // of the step
    private double sum; // of the step
    private long tokens; // that were compared in the step

    void start(RolloutBatch batch) {
        rollouts.clear();
        batch.rollouts().forEach(r -> rollouts.put(IntBuffer.wrap(r.sequence().tokens()), r));
        unchanged = true;
    }

    /** Goes on with a rollout whose training has begun. */
    void resume(RolloutBatch batch) {
        start(batch);
        unchanged = false;
    }

    void add(TrainedTokens trained) {
        Demonstration of = null;
        Rollout rollout = null;
        for (int t = 0; t < trained.size(); t++) {
            if (trained.demonstration(t) != of) {
                of = trained.demonstration(t);
                rollout = rollouts.get(IntBuffer.wrap(of.tokens()));
            }
            double trainer = unchanged && !trained.noisy() ? trained.logProb(t) : trained.oldLogProb(t);
            if (rollout == null || Double.isNaN(trainer)) {
                continue;
            }
            double sampler = rollout.samplerLogProbs()[trained.position(t) - rollout.prompt().length];
            double difference = Math.abs(trainer - sampler);
            largest = Math.max(largest, difference);
            sum += difference;
            tokens++;
        }
    }

    /** Mean and largest difference in the step so far, by the names in logs; NaN if nothing could be compared. */
    Map<String, Double> measures() {
        Map<String, Double> out = new LinkedHashMap<>();
        out.put("sampler_mismatch", sum / tokens);
        out.put("sampler_mismatch_max", tokens == 0 ? Double.NaN : largest);
        return out;
    }

    void endStep() {
        unchanged = false;
        largest = 0;
        sum = 0;
        tokens = 0;
    }
}
