/** {@code psft eval}: tasks on a model, an endpoint or given completions, and comparisons of two evaluations. */
package io.github.psft4j.cli.eval;
