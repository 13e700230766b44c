package io.github.psft4j.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.io.Shown;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The result of one benchmark.
 *
 * @param name benchmark
 * @param settings what was run
 * @param milliseconds of every counted repeat, in order
 * @param costMilliseconds what one repeat costs: the median, or a mean of medians where repeats differ by design
 * @param tokens tokens of one repeat
 * @param parts milliseconds by part of one repeat, empty if not asked for
 * @param limits what was done beside what this processor does at most, empty where it was not measured
 * @param peakMemoryMb highest resident memory of the process, 0 where the system does not tell
 * @param kernels kernels chosen
 */
public record BenchResult(
        String name,
        Map<String, Object> settings,
        double[] milliseconds,
        double costMilliseconds,
        long tokens,
        Map<String, Double> parts,
        Map<String, Double> limits,
        long peakMemoryMb,
        String kernels) {

    /** The result of equal repeats, which cost their median. */
    static BenchResult ofRepeats(
            String name,
            Map<String, Object> settings,
            double[] milliseconds,
            long tokens,
            Map<String, Double> parts,
            String kernels) {
        double cost = median(milliseconds);
        long peak = ProcessMemory.peakMegabytes();
        return new BenchResult(name, settings, milliseconds, cost, tokens, parts, Map.of(), peak, kernels);
    }

    /** The same beside the limits. */
    BenchResult with(Map<String, Double> beside) {
        return new BenchResult(
                name, settings, milliseconds, costMilliseconds, tokens, parts, beside, peakMemoryMb, kernels);
    }

    /** Tokens per second of a repeat. */
    public double tokensPerSecond() {
        return tokens / costMilliseconds * 1e3;
    }

    /** Median of the given repeats; between the two in the middle of an even number. */
    public static double median(double[] milliseconds) {
        double[] sorted = milliseconds.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** The result as one line of text. */
    public String toText() {
        double[] sorted = milliseconds.clone();
        Arrays.sort(sorted);
        StringBuilder text = new StringBuilder(Shown.format(
                "%s %s: %,.0f tokens/s (%.1f ms; median %.1f, best %.1f, worst %.1f), peak RSS %,d MB, %s",
                name,
                settings,
                tokensPerSecond(),
                costMilliseconds,
                median(milliseconds),
                sorted[0],
                sorted[sorted.length - 1],
                peakMemoryMb,
                kernels));
        parts.forEach((part, ms) -> text.append(Shown.format("%n  %-22s %8.2f ms", part, ms)));
        limits.forEach((limit, value) -> text.append(Shown.format("%n  %-26s %8.1f", limit, value)));
        return text.toString();
    }

    /** The result as one JSON object. */
    public String toJson() {
        double[] sorted = milliseconds.clone();
        Arrays.sort(sorted);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("benchmark", name);
        fields.put("settings", settings);
        fields.put("tokens_per_second", tokensPerSecond());
        fields.put("cost_ms", costMilliseconds);
        fields.put("median_ms", median(milliseconds));
        fields.put("min_ms", sorted[0]);
        fields.put("max_ms", sorted[sorted.length - 1]);
        fields.put("repeats", milliseconds.length);
        fields.put("parts_ms", parts);
        fields.put("limits", limits);
        fields.put("peak_rss_mb", peakMemoryMb);
        fields.put("kernels", kernels);
        ObjectNode json = new ObjectMapper().valueToTree(fields);
        return json.toString();
    }
}
