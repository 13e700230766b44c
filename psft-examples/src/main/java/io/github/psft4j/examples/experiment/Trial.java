package io.github.psft4j.examples.experiment;

import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.policy.RefreshSchedule;
import java.util.Locale;

/**
 * How one model is fine-tuned, but for the seed.
 *
 * @param method of the two
 * @param rate learning rate, constant
 * @param clip upper clip width of PSFT; {@link #NO_CLIP} for none
 * @param warmup macro-steps of SFT before PSFT
 * @param age optimizer steps until pi_old is taken again; {@link RefreshSchedule#NEVER_STEPS} for never
 */
public record Trial(Method method, double rate, double clip, int warmup, int age) {

    /** What is compared. */
    public enum Method {
        SFT,
        PSFT
    }

    /** Optimizer steps of a run. */
    public static final int STEPS = 160;

    /** Held-out problems of each skill. */
    public static final int PROBLEMS = 100;

    /** Additions that are also answered by sampling. */
    public static final int SAMPLES = 50;

    /** The paper's clip width. */
    public static final double CLIP = 0.28;

    /** No ratio is above this: PSFT bounds its logarithm by 20. */
    public static final double NO_CLIP = 1e9;

    /** The paper's K: optimizer steps to a macro-batch, which is a pass over the demonstrations. */
    public static final int AGE = 8;

    private static final double CLIP_LOW = 0.2;

    /** SFT at a rate. */
    public static Trial sft(double rate) {
        return new Trial(Method.SFT, rate, NO_CLIP, 0, AGE);
    }

    /** PSFT at a rate, with the paper's clip and K and no warm-up. */
    public static Trial psft(double rate) {
        return new Trial(Method.PSFT, rate, CLIP, 0, AGE);
    }

    /** The same with another clip width. */
    public Trial clip(double value) {
        return new Trial(method, rate, value, warmup, age);
    }

    /** The same with a warm-up. */
    public Trial warmup(int macroSteps) {
        return new Trial(method, rate, clip, macroSteps, age);
    }

    /** The same with a pi_old of another age. */
    public Trial age(int optimizerSteps) {
        return new Trial(method, rate, clip, warmup, optimizerSteps);
    }

    /** What is minimised. */
    public TokenObjective objective() {
        return method == Method.SFT ? new SftObjective() : new PsftObjective(CLIP_LOW, clip);
    }

    /** When pi_old is taken. */
    public RefreshSchedule refresh() {
        return new RefreshSchedule(age);
    }

    /** What differs from the paper's settings, for file names. */
    public String id() {
        String name = method.name().toLowerCase(Locale.ROOT) + "-" + rate();
        name += method == Method.SFT || clip == CLIP ? "" : clip == NO_CLIP ? "-no-clip" : "-clip" + clip;
        name += warmup == 0 ? "" : "-warmup" + warmup;
        return name + (age == AGE ? "" : refresh().isNever() ? "-never" : "-age" + age);
    }
}
