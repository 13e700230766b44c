package io.github.psft4j.policy;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.loss.NonFiniteLossException;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.LogProbPass;
import java.util.ArrayList;
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

    /** @param microBatches cuts sequences as they are cut for training */
    public DecoderSnapshot(MicroBatches microBatches) {
        this(microBatches, 1);
    }

    /** @param temperature of the policy softmax(logits / temperature); above 0 */
    public DecoderSnapshot(MicroBatches microBatches, double temperature) {
        this.microBatches = microBatches;
        this.temperature = temperature;
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
        LogProbPass pass = new LogProbPass(model.graph(), model.config(), temperature);
        List<Integer> left = new ArrayList<>();
        try (WeightScope weights = DecoderGraph.ops(model.graph()).products().holdWeights()) {
            for (MicroBatch micro : microBatches.cut(numbers, sequences)) {
                freezeFinite(micro, pass, into, left);
            }
        }
        if (!left.isEmpty()) {
            LOG.warn(
                    "{} of {} demonstrations, the first of them number {}, have no finite log-prob under pi_old; they"
                            + " are trained without a ratio, or their steps are skipped",
                    left.size(),
                    numbers.length,
                    left.get(0));
        }
    }

    /** Where a micro-batch fails, one sequence after the other, so that the others keep their log-probs. */
    private void freezeFinite(MicroBatch micro, LogProbPass pass, Map<Integer, double[]> into, List<Integer> left) {
        try {
            freeze(micro, pass, into);
        } catch (NonFiniteLossException e) {
            if (micro.numbers().length == 1) {
                LOG.debug("demonstration {} has no snapshot", micro.numbers()[0], e);
                left.add(micro.numbers()[0]);
                return;
            }
            MicroBatches single = new MicroBatches(1, microBatches.packing(), false, 1);
            for (MicroBatch one : single.cut(micro.numbers(), micro.sequences())) {
                freezeFinite(one, pass, into, left);
            }
        }
    }

    private static void freeze(MicroBatch micro, LogProbPass pass, Map<Integer, double[]> into) {
        PackedTokens batch = PackedTokens.of(micro.sequences(), micro.layout());
        TokenBatch tokens = batch.tokens();
        pass.run(batch.ids(), batch.layout(), tokens);
        for (int t = 0; t < tokens.size(); t++) {
            if (!Double.isFinite(tokens.logProb(t))) {
                throw new NonFiniteLossException("snapshot pass", tokens, t, Double.NaN);
            }
        }
        double[][] values = batch.logProbs();
        for (int i = 0; i < values.length; i++) {
            into.put(micro.numbers()[i], values[i]);
        }
    }
}
