package io.github.psft4j.examples.experiment.run;

import io.github.psft4j.io.Shown;

/** What all experiments share, in words. */
public final class Settings {

    /** Before {@link #command}. */
    public static final String AGAIN = "This makes the runs that are missing, and the pages:";

    private Settings() {}

    /** Model, data and how it is fine-tuned. */
    public static String bed() {
        return "Bed: the bundled base model of 0.8 M parameters, fine-tuned on " + Trial.DEMONSTRATIONS
                + " additions in a format that is new to it; " + Trial.STEPS + " steps of 32, so "
                + Trial.STEPS / Trial.AGE + " passes. K = 8, AdamW, constant rate, weight decay 0.1,"
                + " norm bound 1, clip 0.28 unless said otherwise.";
    }

    /** The same, and how it is measured. */
    public static String text(int seeds) {
        return bed() + " " + seeds + " seeds (demonstrations and order), "
                + Trial.PROBLEMS + " held-out problems of each skill, " + Trial.SAMPLES
                + " additions sampled. Brackets: intervals of 95 %, bootstrap over"
                + " seeds and problems.";
    }

    /** The line that makes a page. */
    public static String command(String experiment) {
        return "java -cp \"psft-examples/target/psft/lib/*\" io.github.psft4j.examples.Experiment " + experiment;
    }

    /** A clip width. */
    public static String width(double clip) {
        return clip == Trial.NO_CLIP ? "no clip" : String.valueOf(clip);
    }

    /** A learning rate such as {@code 1.5e-5}. */
    public static String rate(double rate) {
        int exponent = (int) Math.floor(Math.log10(rate) + 1e-9);
        String mantissa = Shown.format("%.1f", rate / Math.pow(10, exponent));
        return mantissa.replace(".0", "") + "e" + exponent;
    }

    /** A trial in the words of a table. */
    public static String words(Trial trial) {
        String words = rate(trial.rate()) + ", " + trial.method();
        boolean sft = trial.method() == Trial.Method.SFT;
        words += sft || trial.clip() == Trial.CLIP
                ? ""
                : ", " + (trial.clip() == Trial.NO_CLIP ? "" : "clip ") + width(trial.clip());
        words += trial.warmup() == 0 ? "" : ", warm-up " + trial.warmup();
        words += trial.age() == Trial.AGE
                ? ""
                : trial.refresh().isNever() ? ", pi_old fixed" : ", pi_old every " + trial.age();
        words +=
                trial.demonstrations() == Trial.DEMONSTRATIONS ? "" : ", " + trial.demonstrations() + " demonstrations";
        return words + (trial.steps() == Trial.STEPS ? "" : ", " + trial.steps() + " steps");
    }
}
