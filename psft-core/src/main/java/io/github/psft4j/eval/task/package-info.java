/** Evaluation tasks: their settings, the questions of data files, and the prompts made of them. */
package io.github.psft4j.eval.task;
