package io.github.psft4j.eval.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.eval.backend.Completion;
import io.github.psft4j.eval.task.Question;
import java.util.List;
import java.util.Map;

/**
 * A question with all that came of it: a line of {@code items.jsonl}. Parts that a kind of task does not have are null
 * and left out.
 *
 * @param number of the question, from 0
 * @param id of the question
 * @param cluster what it has in common with others
 * @param prompt what the model read: a text, or messages
 * @param gold the right answer; of choices their indices
 * @param samples answers, of kind generate
 * @param choices ratings, of kind choice
 * @param text rating, of kind perplexity
 * @param values what counts, by the name of the metric; empty if it could not be measured
 * @param weights weight of a value in the mean over questions, where it is not 1
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Item(
        int number,
        String id,
        String cluster,
        JsonNode prompt,
        JsonNode gold,
        List<Sample> samples,
        List<Choice> choices,
        Text text,
        Map<String, Double> values,
        Map<String, Double> weights) {

    /**
     * An answer.
     *
     * @param completion what the model wrote; null if it failed
     * @param finish {@code stop}, {@code length}, or what an endpoint says
     * @param tokens of the answer; null where nobody says
     * @param seed of the sample; null for a greedy one
     * @param verdict of the judge, in small letters
     * @param answer that the judge found
     * @param followed of IFEval, which instructions were followed, {@code strict} and {@code loose}
     * @param error why there is none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Sample(
            String completion,
            String finish,
            Integer tokens,
            Long seed,
            String verdict,
            String answer,
            Map<String, List<Boolean>> followed,
            String error) {

        static Sample judged(Completion c, Long seed, String verdict, String answer) {
            return new Sample(c.text(), c.finish(), tokens(c), seed, verdict, answer, null, null);
        }

        static Sample followed(Completion c, Long seed, String verdict, Map<String, List<Boolean>> followed) {
            return new Sample(c.text(), c.finish(), tokens(c), seed, verdict, null, followed, null);
        }

        static Sample failed(Completion c, Long seed) {
            return new Sample(null, null, tokens(c), seed, null, null, null, c.error());
        }

        private static Integer tokens(Completion c) {
            return c.tokens() < 0 ? null : c.tokens();
        }

        /** Whether it was cut off at the limit of tokens. */
        public boolean truncated() {
            return Completion.LENGTH.equals(finish);
        }
    }

    /**
     * A choice.
     *
     * @param text of the choice
     * @param logLikelihood of its continuation, nats; null if it failed
     * @param tokens of the continuation
     * @param error why there is none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Choice(String text, Double logLikelihood, Integer tokens, String error) {}

    /**
     * A text.
     *
     * @param logLikelihood of all its tokens, nats; null if it failed
     * @param tokens that were predicted
     * @param words separated by space
     * @param bytes in UTF-8
     * @param error why there is none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Text(Double logLikelihood, Integer tokens, Integer words, Integer bytes, String error) {}

    /** A question whose answers were judged. */
    static Item generated(Question q, JsonNode prompt, List<Sample> samples, Marking marking) {
        boolean failed = samples.stream().anyMatch(s -> s.error() != null);
        Map<String, Double> values = failed ? Map.of() : marking.values(samples);
        Map<String, Double> weights = failed ? null : marking.weights(samples);
        JsonNode gold = marking.gold(q);
        return new Item(q.number(), q.id(), q.cluster(), prompt, gold, samples, null, null, values, weights);
    }

    /** A question whose choices were rated. */
    static Item chosen(Question q, JsonNode prompt, JsonNode gold, List<Choice> choices, Map<String, Double> values) {
        return new Item(q.number(), q.id(), q.cluster(), prompt, gold, null, choices, null, values, null);
    }

    /** A text that was rated. */
    static Item rated(Question q, JsonNode prompt, Text text, Map<String, Double> values, Map<String, Double> weights) {
        return new Item(q.number(), q.id(), q.cluster(), prompt, null, null, null, text, values, weights);
    }

    /** Whether something failed that may succeed another time. */
    public boolean hasError() {
        return samples != null && samples.stream().anyMatch(s -> s.error() != null)
                || choices != null && choices.stream().anyMatch(c -> c.error() != null)
                || text != null && text.error() != null;
    }

    /** The value of a metric; NaN if it was not measured. */
    public double value(String metric) {
        return values.getOrDefault(metric, Double.NaN);
    }

    /** Its weight in the mean over questions. */
    public double weight(String metric) {
        return weights == null ? 1 : weights.getOrDefault(metric, 1.0);
    }
}
