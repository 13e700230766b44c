package io.github.psft4j.flight;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One optimizer step: forward and backward passes and the update. */
@Name("io.github.psft4j.Step")
@Label("Optimizer step")
@Description("One optimizer step: forward and backward passes and the update.")
@Category("psft4j")
@StackTrace(false)
public final class StepEvent extends Event {

    /** Number of the step, from 1. */
    @Label("Step")
    public int step;

    /** Tokens of the mini-batch, prompts included. */
    @Label("Tokens")
    public long tokens;
}
