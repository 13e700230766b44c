package io.github.psft4j.eval.backend;

/**
 * How a model rates a text.
 *
 * @param sum log-prob of all its tokens, nats; NaN if it failed
 * @param tokens of the text
 * @param error what went wrong; null if nothing did
 */
public record LogLikelihood(double sum, int tokens, String error) {

    static LogLikelihood failed(String error) {
        return new LogLikelihood(Double.NaN, 0, error);
    }
}
