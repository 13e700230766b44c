package io.github.psft4j.examples.experiment.run;

/** What is run with every seed. */
public interface Planned {

    /** What differs from the usual settings, for file names. */
    String id();

    /** What is kept of a run of it. */
    Class<? extends Recorded> kept();
}
