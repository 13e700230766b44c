package io.github.psft4j.rollout.sample;

/** Is shown every rollout before it is trained, on the training thread. */
@FunctionalInterface
public interface RolloutListener {

    /** A rollout with its rewards and advantages. */
    void onRollout(RolloutRecord rollout);
}
