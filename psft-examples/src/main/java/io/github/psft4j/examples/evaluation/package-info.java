/** Measures a model on the skills, with standard errors for paired comparisons. */
package io.github.psft4j.examples.evaluation;
