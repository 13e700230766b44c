package io.github.psft4j.examples.experiment.run;

/**
 * Reinforcement learning from one start, but for the seed.
 *
 * @param objective grpo or rloo
 * @param start how its checkpoint is fine-tuned; null for the base model
 * @param nll held-out NLL at which that ends, nats/token; 0 for after the last step
 */
public record RlTrial(String objective, Trial start, double nll) implements Planned {

    /** Rollouts of a run. */
    public static final int ROLLOUTS = 32;

    /** Additions of a rollout. */
    public static final int PROMPTS = 64;

    /** Samples of each. */
    public static final int GROUP = 8;

    /** Optimizer steps of a rollout: each sample is in one of them. */
    public static final int UPDATES = 4;

    /** Peak learning rate, which falls to 0 in a straight line. */
    public static final double RATE = 1e-4;

    /** Held-out additions that are answered {@link #TRIES} times. */
    public static final int PASS_PROBLEMS = 50;

    /** Samples of each of them. */
    public static final int TRIES = 16;

    /** Optimizer steps between two looks at the held-out NLL of a checkpoint that ends at one. */
    public static final int LOOK = 4;

    @Override
    public String id() {
        String from = start == null ? "base" : start.id() + (nll == 0 ? "" : "-nll" + nll);
        return "rl-" + objective + "-" + from;
    }

    @Override
    public Class<RlResult> kept() {
        return RlResult.class;
    }
}
