package io.github.psft4j.examples.experiment.run;

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
 * @param demonstrations to train on
 * @param steps optimizer steps
 */
public record Trial(Method method, double rate, double clip, int warmup, int age, int demonstrations, int steps)
        implements Planned {

    /** What is compared. */
    public enum Method {
        SFT,
        PSFT
    }

    /** Optimizer steps of a run unless a study says otherwise. */
    public static final int STEPS = 160;

    /** Demonstrations of a run unless a study says otherwise. */
    public static final int DEMONSTRATIONS = 256;

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
        return new Trial(Method.SFT, rate, NO_CLIP, 0, AGE, DEMONSTRATIONS, STEPS);
    }

    /** PSFT at a rate, with the paper's clip and K and no warm-up. */
    public static Trial psft(double rate) {
        return new Trial(Method.PSFT, rate, CLIP, 0, AGE, DEMONSTRATIONS, STEPS);
    }

    /** The same with another clip width. */
    public Trial clip(double value) {
        return new Trial(method, rate, value, warmup, age, demonstrations, steps);
    }

    /** The same with a warm-up. */
    public Trial warmup(int macroSteps) {
        return new Trial(method, rate, clip, macroSteps, age, demonstrations, steps);
    }

    /** The same with a pi_old of another age. */
    public Trial age(int optimizerSteps) {
        return new Trial(method, rate, clip, warmup, optimizerSteps, demonstrations, steps);
    }

    /** The same with other demonstrations and another length. */
    public Trial on(int otherDemonstrations, int otherSteps) {
        return new Trial(method, rate, clip, warmup, age, otherDemonstrations, otherSteps);
    }

    /** What is minimised. */
    public TokenObjective objective() {
        return method == Method.SFT ? new SftObjective() : new PsftObjective(CLIP_LOW, clip);
    }

    /** When pi_old is taken. */
    public RefreshSchedule refresh() {
        return new RefreshSchedule(age);
    }

    @Override
    public Class<TrialResult> kept() {
        return TrialResult.class;
    }

    @Override
    public String id() {
        String name = method.name().toLowerCase(Locale.ROOT) + "-" + rate();
        name += method == Method.SFT || clip == CLIP ? "" : clip == NO_CLIP ? "-no-clip" : "-clip" + clip;
        name += warmup == 0 ? "" : "-warmup" + warmup;
        name += age == AGE ? "" : refresh().isNever() ? "-never" : "-age" + age;
        name += demonstrations == DEMONSTRATIONS ? "" : "-on" + demonstrations;
        return name + (steps == STEPS ? "" : "-steps" + steps);
    }
}
