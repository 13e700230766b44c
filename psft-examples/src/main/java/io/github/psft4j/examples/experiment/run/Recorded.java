package io.github.psft4j.examples.experiment.run;

/** What is kept of one run: a line of JSON. */
public interface Recorded {

    /** Of demonstrations, order and samples. */
    long seed();

    /** Time of the run, 0 where it was not recorded. */
    double seconds();
}
