package io.github.psft4j.eval.backend;

import io.github.psft4j.eval.task.EvalPrompt;
import java.util.List;

/**
 * Continuations that are to be rated.
 *
 * @param prompt what stands in front of them
 * @param continuations texts, such as choices with a space in front
 */
public record RatingRequest(EvalPrompt prompt, List<String> continuations) {}
