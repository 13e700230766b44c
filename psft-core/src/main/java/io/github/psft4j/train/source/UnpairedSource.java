package io.github.psft4j.train.source;

import io.github.psft4j.io.Sha256;
import io.github.psft4j.loss.Column;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.RefreshSchedule;
import java.util.Arrays;
import java.util.Set;

/** Answers that are good or bad, for KTO: the sequences of {@link UnpairedAnswers}, with their labels as a column. */
public final class UnpairedSource extends PairSource {

    private final UnpairedAnswers answers;
    private String fingerprint; // null until it is asked for

    /**
     * @param macroBatch sequences per macro-batch, two per answer
     * @param miniBatch sequences per optimizer step, two per answer
     */
    public UnpairedSource(
            UnpairedAnswers answers,
            int macroBatch,
            int miniBatch,
            RefreshSchedule refresh,
            boolean shuffle,
            long seed) {
        super(answers, macroBatch, miniBatch, refresh, shuffle, seed);
        this.answers = answers;
    }

    @Override
    public MacroBatch next(CausalLm policy, int steps) {
        return labelled(super.next(policy, steps));
    }

    @Override
    public MacroBatch resume(int trained, int left) {
        return labelled(super.resume(trained, left));
    }

    private MacroBatch labelled(MacroBatch macro) {
        for (MiniBatch batch : macro.miniBatches()) {
            for (int number : batch.numbers()) {
                macro.column(Column.ADVANTAGE).put(number, label(answers, number));
            }
        }
        return macro;
    }

    /** The label of every predicted token of a sequence: 1 for a good answer, -1 for a bad one. */
    public static double[] label(UnpairedAnswers answers, int number) {
        double[] label = new double[answers.get(number).length() - 1];
        Arrays.fill(label, answers.isGood(number) ? 1 : -1);
        return label;
    }

    @Override
    public String fingerprint() {
        if (fingerprint == null) {
            Sha256 sha = new Sha256().add(super.fingerprint());
            for (int i = 0; i < answers.size(); i += 2) {
                sha.add(answers.isGood(i) ? "good" : "bad");
            }
            fingerprint = sha.hex();
        }
        return fingerprint;
    }

    @Override
    public Set<Column> fills() {
        return Set.of(Column.ADVANTAGE);
    }
}
