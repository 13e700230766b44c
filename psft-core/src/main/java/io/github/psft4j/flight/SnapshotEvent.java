package io.github.psft4j.flight;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The passes that fill the columns of a macro-batch, such as the log-probs of pi_old. */
@Name("io.github.psft4j.Snapshot")
@Label("Snapshot")
@Description("The passes that fill the columns of a macro-batch, such as the log-probs of pi_old.")
@Category("psft4j")
@StackTrace(false)
public final class SnapshotEvent extends Event {

    /** Optimizer steps taken before. */
    @Label("Step")
    public int step;
}
