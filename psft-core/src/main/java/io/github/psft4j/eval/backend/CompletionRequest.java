package io.github.psft4j.eval.backend;

import io.github.psft4j.eval.task.EvalPrompt;

/**
 * Answers that are wanted.
 *
 * @param question number of the question
 * @param prompt what the model reads
 * @param seeds one for each answer, from 0 to 2^31 - 1
 */
public record CompletionRequest(int question, EvalPrompt prompt, long[] seeds) {}
