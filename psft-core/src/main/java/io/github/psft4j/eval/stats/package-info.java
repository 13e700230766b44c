/** Statistics of evaluations: pass@k, standard errors over questions, intervals, paired comparison of two runs. */
package io.github.psft4j.eval.stats;
