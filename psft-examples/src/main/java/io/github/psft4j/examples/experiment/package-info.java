/** Experiments on the skill testbed: what is run, what is kept of a run, and the pages that are made of it. */
package io.github.psft4j.examples.experiment;
