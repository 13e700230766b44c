package io.github.psft4j.flight;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The writing of one checkpoint, on its own thread. */
@Name("io.github.psft4j.Checkpoint")
@Label("Checkpoint")
@Description("The writing of one checkpoint, on its own thread.")
@Category("psft4j")
@StackTrace(false)
public final class CheckpointEvent extends Event {

    /** The step that it was taken after. */
    @Label("Step")
    public int step;
}
