/** What studies are made of: quantities with intervals, comparisons, verdicts, tables and pages. */
package io.github.psft4j.examples.experiment.kit;
