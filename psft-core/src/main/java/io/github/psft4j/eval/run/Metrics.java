package io.github.psft4j.eval.run;

import io.github.psft4j.eval.stats.Mean;
import io.github.psft4j.eval.stats.RatioMean;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/** Figures of a task from its items. */
public final class Metrics {

    private static final double LN2 = Math.log(2);

    private Metrics() {}

    /** The figures by name, the chief one first; questions that could not be measured are left out. */
    public static Map<String, Metric> of(List<Item> items) {
        Set<String> names = new LinkedHashSet<>();
        items.forEach(item -> names.addAll(item.values().keySet()));
        Map<String, Metric> out = new LinkedHashMap<>();
        for (String name : names) {
            List<Item> measured =
                    items.stream().filter(i -> i.values().containsKey(name)).toList();
            double[] values = measured.stream().mapToDouble(i -> i.value(name)).toArray();
            double[] weights =
                    measured.stream().mapToDouble(i -> i.weight(name)).toArray();
            boolean clustered = measured.stream().allMatch(i -> i.cluster() != null);
            Mean mean = RatioMean.of(
                    values,
                    weights,
                    clustered ? measured.stream().map(Item::cluster).toList() : null);
            boolean single = !clustered && Arrays.stream(values).allMatch(x -> x == 0 || x == 1) && areEqual(weights);
            out.put(
                    name,
                    PerplexityScores.measures(name)
                            ? Metric.of(mean, measured.size())
                            : Metric.ofShares(mean, single, measured.size()));
        }
        perplexities(out);
        return out;
    }

    private static boolean areEqual(double[] values) {
        return Arrays.stream(values).allMatch(x -> x == values[0]);
    }

    /** By the names and definitions of lm-eval. */
    private static void perplexities(Map<String, Metric> out) {
        Metric words = out.get(PerplexityScores.WORD);
        Metric bytes = out.get(PerplexityScores.BYTE);
        if (words == null || bytes == null) {
            return;
        }
        out.put("word_perplexity", words.under(Math::exp, Math.exp(words.value())));
        out.put("byte_perplexity", bytes.under(Math::exp, Math.exp(bytes.value())));
        out.put("bits_per_byte", bytes.under(x -> x / LN2, 1 / LN2));
    }

    /** What was counted. */
    public static Map<String, Long> counts(List<Item> items) {
        Map<String, Long> out = new LinkedHashMap<>();
        out.put("questions", (long) items.size());
        out.put("not_measured", items.stream().filter(i -> i.values().isEmpty()).count());
        out.put("errors", items.stream().filter(Item::hasError).count());
        if (items.stream().anyMatch(i -> i.samples() != null)) {
            out.put("answers", sum(items, s -> 1));
            out.put("truncated", sum(items, s -> s.truncated() ? 1 : 0));
            for (String verdict : List.of("no_answer", "timeout", "gold_unreadable")) {
                out.put(verdict, sum(items, s -> verdict.equals(s.verdict()) ? 1 : 0));
            }
            out.put("tokens", sum(items, s -> s.tokens() == null ? 0 : s.tokens()));
        }
        return out;
    }

    private static long sum(List<Item> items, ToLongFunction<Item.Sample> count) {
        return items.stream()
                .filter(i -> i.samples() != null)
                .flatMap(i -> i.samples().stream())
                .mapToLong(count)
                .sum();
    }
}
