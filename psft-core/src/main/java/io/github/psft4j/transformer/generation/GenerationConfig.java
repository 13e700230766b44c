package io.github.psft4j.transformer.generation;

import io.github.psft4j.settings.Components;
import io.github.psft4j.settings.ParameterException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How new tokens are chosen and when to stop. The steps come in the order of transformers: repetition penalty,
 * temperature, top-k, top-p, min-p.
 *
 * @param maxNewTokens most new tokens per prompt
 * @param temperature 0 for greedy, otherwise logits are divided by it before sampling
 * @param topK sample among the k most probable tokens only, with all that tie with the last of them; 0 for all
 * @param topP sample among the most probable tokens that together reach this mass only (Holtzman et al., arXiv
 *     1904.09751); 1 for all
 * @param minP sample among tokens of at least this fraction of the largest probability only; 0 for all
 * @param repetitionPenalty logits of the tokens of prompt and continuation are divided by it where positive and
 *     multiplied where negative (Keskar et al., arXiv 1909.05858); 1 for none
 * @param stop what ends a sequence before it is full
 * @param seed of the random numbers; every prompt has its own stream, so that results do not depend on batching
 * @param lookup tokens that are proposed at a time from what the sequence has said before (prompt lookup decoding); the
 *     model checks them in one pass, and only those that it would have chosen stay. 0 for none
 */
public record GenerationConfig(
        int maxNewTokens,
        double temperature,
        int topK,
        double topP,
        double minP,
        double repetitionPenalty,
        Stop stop,
        long seed,
        int lookup)
        implements Serializable {

    /** Most tokens of {@link #lookup}. */
    public static final int MOST_LOOKUP = CachedForward.HEAD_ROWS - 1;

    /**
     * What ends a sequence.
     *
     * @param ids a generated token of these ends the sequence and is part of it
     * @param strings the sequence ends as soon as its new text holds one of these, special tokens left out; the text
     *     ends before it, the tokens that spell it stay
     */
    public record Stop(Set<Integer> ids, List<String> strings) implements Serializable {

        public Stop {
            ids = Set.copyOf(ids);
            check(ids.stream().allMatch(id -> id >= 0), "stopIds", ids, "ids of 0 or above");
            strings = List.copyOf(strings);
            boolean spelled = strings.stream().noneMatch(String::isEmpty);
            check(spelled, "stopStrings", strings, "strings of at least one character");
        }
    }

    /** @throws ParameterException naming the component, its value and its range */
    public GenerationConfig {
        check(maxNewTokens >= 1, "maxNewTokens", maxNewTokens, "positive");
        check(temperature >= 0 && Double.isFinite(temperature), "temperature", temperature, "0 (greedy) or above");
        check(topK >= 0, "topK", topK, "0 (all) or above");
        check(topP > 0 && topP <= 1, "topP", topP, "in (0, 1]");
        check(minP >= 0 && minP <= 1, "minP", minP, "in [0, 1]");
        check(
                repetitionPenalty > 0 && repetitionPenalty < Double.POSITIVE_INFINITY,
                "repetitionPenalty",
                repetitionPenalty,
                "above 0 (1 for none)");
        check(lookup >= 0 && lookup <= MOST_LOOKUP, "lookup", lookup, "in [0, " + MOST_LOOKUP + "] (0 for none)");
    }

    private static void check(boolean ok, String name, Object value, String rule) {
        ParameterException.check(ok, name, "must be " + rule, value);
    }

    /**
     * The most probable token each time.
     *
     * @param stopIds ids that end a sequence; with none, {@code CausalLm.chat} and {@code CausalLm.generate(String,
     *     ...)} stop at the model's end of sequence, and generation from token ids goes on to maxNewTokens
     */
    public static GenerationConfig greedy(int maxNewTokens, int... stopIds) {
        return builder().maxNewTokens(maxNewTokens).stopIds(stopIds).build();
    }

    /** Sampling from the whole distribution at a temperature. */
    public static GenerationConfig sample(int maxNewTokens, double temperature, long seed, int... stopIds) {
        return builder()
                .maxNewTokens(maxNewTokens)
                .temperature(temperature)
                .seed(seed)
                .stopIds(stopIds)
                .build();
    }

    /** A builder that starts with greedy search of 256 new tokens at most. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts with these settings. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** See the components of {@link GenerationConfig}. */
    public static final class Builder {

        private final Components<GenerationConfig> settings;
        private Set<Integer> stopIds = Set.of();
        private List<String> stopStrings = List.of();

        private Builder() {
            settings = new Components<>(GenerationConfig.class);
            maxNewTokens(256);
            topP(1);
            repetitionPenalty(1);
        }

        private Builder(GenerationConfig from) {
            settings = Components.of(from);
            stopIds = from.stop.ids();
            stopStrings = from.stop.strings();
        }

        private Builder set(String component, Object value) {
            settings.set(component, value);
            return this;
        }

        /** Most new tokens per prompt; default 256. */
        public Builder maxNewTokens(int n) {
            return set("maxNewTokens", n);
        }

        /** Default 0, greedy. */
        public Builder temperature(double t) {
            return set("temperature", t);
        }

        /** Default 0, all. */
        public Builder topK(int k) {
            return set("topK", k);
        }

        /** Default 1, all. */
        public Builder topP(double p) {
            return set("topP", p);
        }

        /** Default 0, all. */
        public Builder minP(double p) {
            return set("minP", p);
        }

        /** Default 1, none. */
        public Builder repetitionPenalty(double penalty) {
            return set("repetitionPenalty", penalty);
        }

        /** Default none: see {@link GenerationConfig#greedy}. */
        public Builder stopIds(int... ids) {
            stopIds = Arrays.stream(ids).boxed().collect(Collectors.toSet());
            return this;
        }

        /** Default none. */
        public Builder stopStrings(String... strings) {
            stopStrings = List.of(strings);
            return this;
        }

        /** Default 0. */
        public Builder seed(long value) {
            return set("seed", value);
        }

        /** Default 0, none. */
        public Builder lookup(int tokens) {
            return set("lookup", tokens);
        }

        /** @throws IllegalArgumentException naming the setting, its value and its range */
        public GenerationConfig build() {
            return settings.set("stop", new Stop(stopIds, stopStrings)).build();
        }
    }
}
