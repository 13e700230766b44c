/** Evaluations: from a task and a backend to items, figures and comparisons. */
package io.github.psft4j.eval.run;
