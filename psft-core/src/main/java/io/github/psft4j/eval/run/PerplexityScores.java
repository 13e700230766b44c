package io.github.psft4j.eval.run;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Negative log-likelihood of a text per word, byte and token, nats; weighted by their numbers. */
final class PerplexityScores {

    static final String BYTE = "nll_per_byte";
    static final String WORD = "nll_per_word";
    private static final String TOKEN = "nll_per_token";

    private PerplexityScores() {}

    /** Whether a figure is one of these: any number of nats, of which few are good. All other figures are shares. */
    static boolean measures(String metric) {
        return metric.startsWith("nll");
    }

    /** Words as Python's {@code re.split("\s+", text)} counts them, which is lm-eval's way. */
    static int words(String text) {
        return text.split("(?U)\\s+", -1).length;
    }

    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** The values; none where the rating failed. */
    static Map<String, Double> values(Item.Text text) {
        Map<String, Double> out = new LinkedHashMap<>();
        weights(text).forEach((name, weight) -> out.put(name, -text.logLikelihood() / weight));
        return out;
    }

    static Map<String, Double> weights(Item.Text text) {
        Map<String, Double> out = new LinkedHashMap<>();
        if (text.error() == null) {
            out.put(BYTE, (double) text.bytes());
            out.put(WORD, (double) text.words());
            out.put(TOKEN, (double) text.tokens());
        }
        return out;
    }
}
