/** Measuring models: token log-probs, perplexity. */
package io.github.psft4j.eval;
