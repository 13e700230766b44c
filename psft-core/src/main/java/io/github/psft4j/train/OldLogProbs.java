package io.github.psft4j.train;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.loss.NonFiniteLossException;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.LogProbPass;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** pi_old: for every demonstration of the current refresh window, the log-probs of its tokens when the window began. */
final class OldLogProbs {

    private static final Logger LOG = LoggerFactory.getLogger(OldLogProbs.class);

    private final CausalLm model;
    private final MicroBatches microBatches;
    private final List<Demonstration> data;
    private final Map<Integer, double[]> logProbs = new HashMap<>(); // [length - 1] each, 0 where not trained

    OldLogProbs(CausalLm model, TrainerSettings settings, List<Demonstration> data) {
        this.model = model;
        this.data = data;
        this.microBatches = new MicroBatches(settings, data);
    }

    /** Begins a refresh window: pi_old is the current policy until {@link #freeze}, and the values before are dropped. */
    void beginWindow() {
        logProbs.clear();
    }

    /** The frozen values of these demonstrations; those without any are left out. */
    Map<Integer, double[]> frozen(int[] indices) {
        Map<Integer, double[]> out = new TreeMap<>();
        for (int i : indices) {
            if (logProbs.containsKey(i)) {
                out.put(i, logProbs.get(i));
            }
        }
        return out;
    }

    /**
     * Takes frozen values over from a checkpoint.
     *
     * @throws IllegalArgumentException if they do not fit the demonstrations
     */
    void restore(Map<Integer, double[]> frozen) {
        frozen.forEach((i, values) -> {
            if (i < 0 || i >= data.size() || values.length != data.get(i).length() - 1) {
                throw new IllegalArgumentException(
                        "frozen log-probs of demonstration " + i + " do not fit the data of this run");
            }
            logProbs.put(i, values);
        });
    }

    /**
     * Freezes the log-probs of these demonstrations, cut into the same micro-batches that will be trained. One whose log-probs are not
     * finite is left out: the step that trains it meets the fault itself, if it is still there, and is skipped by the trainer's rules; if
     * not, r is 1.
     */
    void freeze(int[] indices) {
        LogProbPass pass = new LogProbPass(model.graph(), model.config());
        int[] left = {0, -1}; // demonstrations without a snapshot, and the first of them
        try (WeightScope weights = DecoderGraph.ops(model.graph()).products().holdWeights()) {
            for (int[] micro : microBatches.cut(indices)) {
                freezeFinite(micro, pass, left);
            }
        }
        if (left[0] > 0) {
            LOG.warn(
                    "{} of {} demonstrations, the first of them number {}, have no finite log-prob under pi_old; they are"
                            + " trained without a ratio, or their steps are skipped",
                    left[0],
                    indices.length,
                    left[1]);
        }
    }

    /** Where a micro-batch fails, one demonstration after the other, so that the others keep their snapshot. */
    private void freezeFinite(int[] micro, LogProbPass pass, int[] left) {
        try {
            freeze(micro, pass);
        } catch (NonFiniteLossException e) {
            if (micro.length == 1) {
                LOG.debug("demonstration {} has no snapshot", micro[0], e);
                left[1] = left[0]++ == 0 ? micro[0] : left[1];
                return;
            }
            for (int i : micro) {
                freezeFinite(new int[] {i}, pass, left);
            }
        }
    }

    private void freeze(int[] micro, LogProbPass pass) {
        List<Demonstration> demonstrations = microBatches.demonstrations(micro);
        PackedTokens batch = PackedTokens.of(demonstrations, microBatches.layout(demonstrations));
        TokenBatch tokens = batch.tokens();
        pass.run(batch.ids(), batch.layout(), tokens);
        double[][] values = new double[micro.length][];
        for (int i = 0; i < micro.length; i++) {
            values[i] = new double[demonstrations.get(i).length() - 1];
        }
        for (int t = 0; t < tokens.size(); t++) {
            if (!Double.isFinite(tokens.logProb(t))) {
                throw new NonFiniteLossException("snapshot pass", tokens, t, Double.NaN);
            }
            values[batch.demonstration(t)][batch.position(t)] = tokens.logProb(t);
        }
        for (int i = 0; i < micro.length; i++) {
            logProbs.put(micro[i], values[i]);
        }
    }

    /** Writes the frozen log-probs into channel {@code channel} of fresh labels {@code [B, C, T]} of these demonstrations. */
    void write(int[] micro, SequenceLayout layout, INDArray labels, int channel, double current) {
        double[][] frozen = Arrays.stream(micro).mapToObj(logProbs::get).toArray(double[][]::new);
        LabelColumn.write(layout, labels, channel, (i, t) -> frozen[i] == null ? current : frozen[i][t]);
    }
}
