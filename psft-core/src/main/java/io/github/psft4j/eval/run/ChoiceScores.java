package io.github.psft4j.eval.run;

import io.github.psft4j.eval.backend.LogLikelihood;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Whether a model takes the right choice, by the names and definitions of lm-eval. {@code acc} goes by the
 * log-likelihood, {@code acc_norm} by that divided by the characters of the choice, {@code acc_bytes} by that divided
 * by its bytes.
 */
final class ChoiceScores {

    private ChoiceScores() {}

    /** None where a rating failed. */
    static Map<String, Double> of(List<String> continuations, List<LogLikelihood> ratings, Set<Integer> gold) {
        Map<String, Double> out = new LinkedHashMap<>();
        if (ratings.stream().anyMatch(r -> r.error() != null)) {
            return out;
        }
        out.put("acc", right(continuations, ratings, gold, text -> 1));
        out.put("acc_norm", right(continuations, ratings, gold, text -> text.codePointCount(0, text.length())));
        out.put("acc_bytes", right(continuations, ratings, gold, text -> text.getBytes(StandardCharsets.UTF_8).length));
        return out;
    }

    private static double right(
            List<String> continuations,
            List<LogLikelihood> ratings,
            Set<Integer> gold,
            ToDoubleFunction<String> length) {
        int best = 0;
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < ratings.size(); i++) {
            String text = continuations.get(i);
            // The space between prompt and choice is no part of the choice.
            double rating =
                    ratings.get(i).sum() / length.applyAsDouble(text.startsWith(" ") ? text.substring(1) : text);
            if (rating > highest) {
                highest = rating;
                best = i;
            }
        }
        return gold.contains(best) ? 1 : 0;
    }
}
