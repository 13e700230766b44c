package io.github.psft4j.examples;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Settings of the quick start.
 *
 * @param learningRate of both runs, constant
 * @param steps optimizer steps of each run, at least one
 * @param seed chooses the demonstrations and their order
 * @param clipHigh upper clip width of PSFT
 * @param evaluations how often each run is evaluated
 * @param problems held-out problems per skill
 * @param model directory of the base model, null for the one in the jar
 * @param out directory for everything that is written
 */
record QuickstartOptions(
        double learningRate,
        int steps,
        long seed,
        double clipHigh,
        int evaluations,
        int problems,
        Path model,
        Path out) {

    /** Demonstrations to fine-tune on. */
    static final int DEMONSTRATIONS = 256;

    /** Sequences per optimizer step. */
    static final int MINI_BATCH = 32;

    /** Lower clip width of PSFT, without effect on demonstrations. */
    static final double CLIP_LOW = 0.2;

    static final double WEIGHT_DECAY = 0.1;

    static final double MAX_GRAD_NORM = 1.0;

    /** Chooses the held-out problems; the same in every run, so that runs can be compared. */
    static final long PROBLEM_SEED = 999;

    /** How many of the held-out additions are also answered by sampling. */
    private static final int MAX_SAMPLES = 100;

    QuickstartOptions {
        check(learningRate > 0, "--lr", learningRate, "above 0");
        check(steps > 0, "--steps", steps, "positive");
        check(clipHigh > 0, "--clip", clipHigh, "above 0");
        check(evaluations > 0 && evaluations <= steps, "--evaluations", evaluations, "between 1 and the steps");
        check(problems > 1, "--problems", problems, "at least 2");
    }

    private static void check(boolean valid, String name, Number value, String rule) {
        if (!valid) {
            throw new IllegalArgumentException(name + " must be " + rule + ", got " + value);
        }
    }

    int samples() {
        return Math.min(MAX_SAMPLES, problems);
    }

    /** Whether the model is evaluated after {@code step}; always after the last one. */
    boolean evaluatesAfter(int step) {
        return step == steps || step % Math.max(1, steps / evaluations) == 0;
    }

    /** All settings by name, for the report. */
    Map<String, String> described() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("base model", model == null ? "skills-base, 0.8 M parameters (bundled)" : model.toString());
        settings.put("demonstrations", DEMONSTRATIONS + " additions in the new format");
        settings.put("optimizer steps", steps + " of " + MINI_BATCH + " demonstrations");
        settings.put(
                "macro-batch",
                DEMONSTRATIONS + " (the old policy is refreshed every " + DEMONSTRATIONS / MINI_BATCH + " steps)");
        settings.put("learning rate", learningRate + ", constant");
        settings.put(
                "optimizer",
                "AdamW, betas 0.9 and 0.999, weight decay " + WEIGHT_DECAY + ", gradient norm clipped at "
                        + MAX_GRAD_NORM);
        settings.put("PSFT clip", CLIP_LOW + " below (inert on demonstrations), " + clipHigh + " above");
        settings.put("seed", String.valueOf(seed));
        settings.put(
                "evaluation",
                problems + " held-out problems per skill, greedy; " + samples()
                        + " additions sampled at temperature 1");
        return settings;
    }
}
