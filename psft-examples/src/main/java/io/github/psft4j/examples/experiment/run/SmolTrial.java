package io.github.psft4j.examples.experiment.run;

import java.util.Locale;

/**
 * How SmolLM2-135M-Instruct is fine-tuned on GSM8K, but for the seed.
 *
 * @param method of the two; null for the model as it came
 * @param rate learning rate, constant
 */
public record SmolTrial(Trial.Method method, double rate) implements Planned {

    /** The model as it came. */
    public static final SmolTrial BASE = new SmolTrial(null, 0);

    /** Most tokens of a row of GSM8K, with the question: longer ones are left out. */
    public static final int LONGEST = 128;

    /** Rows to train on: the first such rows of the training part. */
    public static final int ROWS = 256;

    /** Passes over them. */
    public static final int EPOCHS = 3;

    /** Rows of an optimizer step. */
    public static final int MINI = 16;

    /** Optimizer steps until pi_old is taken again, the paper's K. */
    public static final int K = 8;

    /** Rows that are held out: the first such rows of the test part. */
    public static final int HELD_OUT = 64;

    /** Most tokens of an answer that is sampled. */
    public static final int SAMPLED_TOKENS = 48;

    /** Questions of GSM8K that are answered by sampling. */
    public static final int SAMPLES = 24;

    @Override
    public String id() {
        return "smollm2-" + (method == null ? "base" : method.name().toLowerCase(Locale.ROOT) + "-" + rate);
    }

    @Override
    public Class<SmolResult> kept() {
        return SmolResult.class;
    }

    /** In the words of a table. */
    public String words() {
        return method == null ? "as it came" : Settings.rate(rate) + ", " + method;
    }
}
