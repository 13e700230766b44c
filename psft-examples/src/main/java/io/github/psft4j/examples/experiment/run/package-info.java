/** Runs of experiments: what is planned, and what is kept of it in a line of JSON. */
package io.github.psft4j.examples.experiment.run;
