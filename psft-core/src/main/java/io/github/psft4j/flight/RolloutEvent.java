package io.github.psft4j.flight;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Sampling of one rollout, with its rewards. */
@Name("io.github.psft4j.Rollout")
@Label("Rollout")
@Description("Sampling of one rollout, with its rewards.")
@Category("psft4j")
@StackTrace(false)
public final class RolloutEvent extends Event {

    /** Number of the rollout, from 1. */
    @Label("Macro-step")
    public int macroStep;

    /** Samples drawn, those of replaced groups included. */
    @Label("Samples")
    public int samples;

    /** Tokens of the samples that are trained, prompts not included. */
    @Label("Tokens")
    public long tokens;
}
