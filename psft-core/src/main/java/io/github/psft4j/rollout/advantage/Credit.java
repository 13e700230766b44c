package io.github.psft4j.rollout.advantage;

/** Which tokens a reward belongs to. */
public enum Credit {
    /** Every token of the completion has the advantage of the whole. */
    SEQUENCE,
    /** The reward stands at the last token and the KL at each; a token has the discounted sum from itself on. */
    REWARD_TO_GO,
    /** As above, with what a critic expects in between: generalised advantage estimation (PPO). */
    GAE
}
