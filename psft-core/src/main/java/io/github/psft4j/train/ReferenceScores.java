package io.github.psft4j.train;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.data.batch.Packing;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.ReferenceLogits;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.ModelFingerprint;
import io.github.psft4j.transformer.LogProbPass;
import io.github.psft4j.transformer.ReferencePass;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What an objective takes from a frozen reference model: the log-prob of every trained token, computed once for all data
 * (or read from a cache), and the whole distribution of the micro-batch at hand.
 */
final class ReferenceScores {

    private final CausalLm reference; // null without one
    private final ReferenceCache cache; // null without one
    private final List<Demonstration> data;
    private final int batch;
    private final ReferencePass pass;
    private double[][] logProbs; // [demonstrations][length - 1]; null before the first use

    ReferenceScores(CausalLm reference, ReferenceCache cache, List<Demonstration> data, int batch) {
        this.reference = reference;
        this.cache = cache;
        this.data = data;
        this.batch = batch;
        this.pass = reference == null ? null : new ReferencePass(reference.graph(), reference.config());
    }

    /**
     * Refuses an objective that needs what is not there.
     *
     * @throws IllegalArgumentException naming the objective and the way out
     */
    static void check(TokenObjective objective, CausalLm model, CausalLm reference) {
        if (!needed(objective)) {
            return;
        }
        if (reference == null) {
            throw new IllegalArgumentException("objective " + objective.name()
                    + " compares with a frozen reference model; give the trainer one: reference(CausalLm.load(dir))");
        }
        if (reference == model) {
            throw new IllegalArgumentException("the reference must be another instance than the trained model, whose"
                    + " weights change; load the directory a second time");
        }
        if (reference.config().vocabSize() != model.config().vocabSize()
                || reference.graph().params().dataType()
                        != model.graph().params().dataType()) {
            throw new IllegalArgumentException("the reference has a vocabulary of "
                    + reference.config().vocabSize() + " in "
                    + reference.graph().params().dataType() + ", the model one of "
                    + model.config().vocabSize() + " in "
                    + model.graph().params().dataType() + "; they must agree");
        }
    }

    /** Whether the objective compares with a reference at all. */
    static boolean needed(TokenObjective objective) {
        return objective.columns().contains(Column.REF_LOG_PROB)
                || objective.needs().reference();
    }

    /** Fingerprint of the model that the objective compares with, null if it compares with none. */
    String fingerprint(TokenObjective objective) {
        return needed(objective) ? ModelFingerprint.of(reference) : null;
    }

    /** The reference's distributions for these demonstrations, laid out as they are trained. */
    ReferenceLogits logits(List<Demonstration> demonstrations, SequenceLayout layout) {
        pass.prepare(PackedTokens.of(demonstrations, layout).ids(), layout);
        return pass;
    }

    /** Writes log-probs into channel {@code channel} of fresh labels {@code [B, C, T]} of these demonstrations. */
    void write(int[] indices, SequenceLayout layout, INDArray labels, int channel) {
        if (logProbs == null) {
            logProbs = cache == null ? compute() : cache.get(reference, data, this::compute);
        }
        LabelColumn.write(layout, labels, channel, (i, t) -> logProbs[indices[i]][t]);
    }

    private double[][] compute() {
        double[][] out = new double[data.size()][];
        LogProbPass forward = new LogProbPass(reference.graph(), reference.config());
        for (int from = 0; from < data.size(); from += batch) {
            List<Demonstration> part = data.subList(from, Math.min(data.size(), from + batch));
            PackedTokens tokens = PackedTokens.of(part, Packing.onePerRow(part));
            forward.run(tokens.ids(), tokens.layout(), tokens.tokens());
            for (int i = 0; i < part.size(); i++) {
                out[from + i] = new double[part.get(i).length() - 1];
            }
            for (int t = 0; t < tokens.tokens().size(); t++) {
                out[from + tokens.demonstration(t)][tokens.position(t)] =
                        tokens.tokens().logProb(t);
            }
        }
        return out;
    }
}
