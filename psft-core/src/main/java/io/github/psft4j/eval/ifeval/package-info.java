/**
 * IFEval: instructions that a program can check in an answer, such as "less than 100 words" (Zhou et al. 2023, arXiv
 * 2311.07911).
 */
package io.github.psft4j.eval.ifeval;
