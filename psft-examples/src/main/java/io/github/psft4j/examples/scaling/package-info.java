/** What an optimizer step takes on a cluster: a formula, its simulation, the table of docs/spark.md. */
package io.github.psft4j.examples.scaling;
