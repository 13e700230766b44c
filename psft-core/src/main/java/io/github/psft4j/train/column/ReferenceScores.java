package io.github.psft4j.train.column;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.ReferenceLogits;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.policy.Scoring;
import io.github.psft4j.policy.SliceScores;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MacroBatchSource;
import io.github.psft4j.train.source.MiniBatch;
import io.github.psft4j.transformer.ReferencePass;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What an objective takes from a frozen reference model. That is the log-prob of every trained token, computed once for
 * all data or read from a cache, and the whole distribution of the current micro-batch.
 */
public final class ReferenceScores implements ColumnFiller {

    private final ReferenceModel reference; // null without one
    private final ReferenceCache cache; // null without one
    private final List<Demonstration> data;
    private final int batch;
    private final double temperature;
    private final SliceScores scores;
    private final ReferencePass pass;
    private String fingerprint; // null until it is asked for
    private double[][] known; // [sequences][length - 1] of the data; null before the first use

    /**
     * @param reference null without one
     * @param cacheDirectory where scores are kept for the next run, null for none
     * @param data all sequences by their number; empty if they are not known before training
     * @param batch sequences per pass
     * @param temperature of the policy softmax(logits / temperature); only scores at 1 are kept in the directory
     * @param scores where log-probs are computed
     */
    public ReferenceScores(
            ReferenceModel reference,
            Path cacheDirectory,
            List<Demonstration> data,
            int batch,
            double temperature,
            SliceScores scores) {
        this.reference = reference;
        this.scores = scores;
        this.temperature = temperature;
        this.cache = cacheDirectory == null || temperature != 1 ? null : new ReferenceCache(cacheDirectory);
        this.data = data;
        this.batch = batch;
        this.pass = reference == null
                ? null
                : new ReferencePass(reference.model().graph(), reference.model().config(), temperature);
    }

    /**
     * Refuses an objective that needs what is not there.
     *
     * @throws IllegalArgumentException naming the objective and the remedy
     */
    public static void check(TokenObjective objective, CausalLm model, CausalLm reference) {
        boolean start = reference == null && isServedByStart(objective);
        if (needed(objective) && !start) {
            check("objective " + objective.name(), model, reference);
        }
    }

    /**
     * Refuses a source that reads the reference's log-probs where there is no reference.
     *
     * @throws IllegalArgumentException naming the source and the remedy
     */
    public static void check(MacroBatchSource source, CausalLm model, CausalLm reference) {
        if (needed(source)) {
            check(source.getClass().getSimpleName(), model, reference);
        }
    }

    private static void check(String who, CausalLm model, CausalLm reference) {
        if (reference == null && LoraModels.holdsBase(model)) {
            return; // the model itself, its adapter switched off
        }
        if (reference == null) {
            throw new IllegalArgumentException(who
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

    private static boolean needed(MacroBatchSource source) {
        return source.reads().contains(Column.REF_LOG_PROB);
    }

    /**
     * Whether the model before its training can be the reference: for objectives on pairs that take the log-probs of
     * tokens and no distributions.
     */
    public static boolean isServedByStart(TokenObjective objective) {
        return objective.neighbours() == 2
                && objective.columns().contains(Column.REF_LOG_PROB)
                && !objective.needs().reference();
    }

    /**
     * Takes what can only be taken before the model is trained or resumed.
     *
     * @param objective what is trained
     * @throws IllegalArgumentException if the model is its own reference and the sequences are not known yet
     */
    public void start(TokenObjective objective) {
        if (reference == null || !reference.isAtStart()) {
            return;
        }
        if (data.isEmpty()) {
            throw new IllegalArgumentException("objective " + objective.name() + " compares with the model before its"
                    + " training, and this source does not know its sequences then; give the trainer a reference:"
                    + " reference(CausalLm.load(dir))");
        }
        fingerprint = reference.fingerprint();
        known = of(data);
    }

    /** Log-probs of any sequences, from the cache if they are in it. */
    public double[][] of(List<Demonstration> sequences) {
        return cache == null ? compute(sequences) : cache.get(reference, sequences, () -> compute(sequences));
    }

    /** Whether the objective compares with a reference at all. */
    public static boolean needed(TokenObjective objective) {
        return objective.columns().contains(Column.REF_LOG_PROB)
                || objective.needs().reference();
    }

    /** Fingerprint of the model that objective or source compare with, null if they compare with none. */
    public String fingerprint(TokenObjective objective, MacroBatchSource source) {
        if (fingerprint == null && (needed(objective) || needed(source))) {
            fingerprint = reference.fingerprint();
        }
        return fingerprint;
    }

    /** The reference's distributions for a micro-batch, laid out as it is trained. */
    public ReferenceLogits logits(MicroBatch micro) {
        return reference.asReference(() -> {
            pass.prepare(PackedTokens.of(micro.sequences(), micro.layout()).ids(), micro.layout());
            return pass;
        });
    }

    @Override
    public Column column() {
        return Column.REF_LOG_PROB;
    }

    @Override
    public void fill(MacroBatch macro, CausalLm policy) {
        Map<Integer, double[]> values = macro.column(column());
        for (MiniBatch mini : macro.miniBatches()) {
            if (Arrays.stream(mini.numbers()).allMatch(values::containsKey)) {
                continue; // trained before in this macro-batch, or known from its checkpoint
            }
            if (!data.isEmpty() && known == null) {
                known = of(data);
            }
            double[][] scores = data.isEmpty() ? compute(mini.sequences()) : null;
            for (int i = 0; i < mini.numbers().length; i++) {
                int number = mini.numbers()[i];
                values.put(number, scores == null ? known[number] : scores[i]);
            }
        }
    }

    private double[][] compute(List<Demonstration> sequences) {
        int[] numbers = IntStream.range(0, sequences.size()).toArray();
        Map<Integer, double[]> found = scores.of(
                reference.model(),
                new Scoring(!reference.isAdapterOff(), temperature),
                new MicroBatches(batch, 0, false, 1, true).cut(numbers, sequences));
        double[][] out = new double[numbers.length][];
        for (int i : numbers) {
            out[i] = found.get(i);
            if (out[i] == null) {
                throw new IllegalArgumentException("the reference has no finite log-prob for sequence " + i
                        + ": its weights, or logits of it, are not finite; take another one");
            }
        }
        return out;
    }
}
