/** Judges answers to mathematical questions: finds the answer in a text, reads it, and compares it exactly. */
package io.github.psft4j.eval.maths;
