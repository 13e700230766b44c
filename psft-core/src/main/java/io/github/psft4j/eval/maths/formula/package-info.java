/** Reads formulas in LaTeX and plain text, with their units, and gives their exact values. For the verifier only. */
package io.github.psft4j.eval.maths.formula;
