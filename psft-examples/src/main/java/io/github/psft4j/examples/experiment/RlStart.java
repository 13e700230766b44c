package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Runs;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.RlTrial;
import io.github.psft4j.examples.experiment.run.Settings;
import io.github.psft4j.examples.experiment.run.Trial;
import java.io.IOException;
import java.util.List;

/**
 * A checkpoint that reinforcement learning starts from.
 *
 * @param where why it is compared: the same for two that are compared with each other
 * @param tuning how it is fine-tuned; null for the base model
 * @param nll held-out NLL at which that ends, 0 for after the last step
 */
record RlStart(String where, Trial tuning, double nll) {

    /** The level of equal NLL: a round one that every run of both at its best rate comes below. */
    static final double EQUAL = 0.1;

    static final RlStart BASE = new RlStart("", null, 0);

    /** SFT's rate and a twentieth of it, as in the paper. */
    private static final double SFT_RATE = 3e-4;

    private static final double PSFT_RATE = 1.5e-5;

    /** Starts of SFT and PSFT that are compared with each other. */
    record Pair(RlStart sft, RlStart psft) {

        String where() {
            return sft.where;
        }

        List<RlStart> both() {
            return List.of(sft, psft);
        }
    }

    /** At the best rate of each by the results of the learning rates, at equal NLL, and at the paper's ratio. */
    static List<Pair> pairs(ResultFiles files) throws IOException {
        Runs runs = new Runs(files, new LearningRateStudy().trials());
        Trial sft = runs.best(LearningRateStudy.SFT);
        Trial psft = runs.best(LearningRateStudy.PSFT);
        return List.of(
                pair("best rates", sft, psft, 0),
                pair("equal NLL", sft, psft, EQUAL),
                pair("ratio of rates", Trial.sft(SFT_RATE), Trial.psft(PSFT_RATE), 0));
    }

    private static Pair pair(String where, Trial sft, Trial psft, double nll) {
        return new Pair(new RlStart(where, sft, nll), new RlStart(where, psft, nll));
    }

    /** Reinforcement learning from it. */
    RlTrial with(String objective) {
        return new RlTrial(objective, tuning, nll);
    }

    /** In the words of a table. */
    String words() {
        return tuning == null ? "base" : where + ": " + Settings.words(tuning) + (nll == 0 ? "" : ", to NLL " + nll);
    }

    /** In a legend. */
    String shortly() {
        return tuning == null ? "base" : tuning.method() + ", " + where;
    }
}
