package io.github.psft4j.bench;

import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the workers of a run say about each step, such as the seconds of a cluster; nothing without workers. */
final class StepCosts implements TrainerListener {

    private static final String PREFIX = "cluster_";

    private final List<Map<String, Double>> steps = new ArrayList<>();

    @Override
    public void onStep(StepMetrics metrics) {
        steps.add(metrics.measures());
    }

    /** Median of each measure over the last steps, in milliseconds by its name without "seconds"; bytes as they are. */
    Map<String, Double> medians(int last) {
        List<Map<String, Double>> counted = steps.subList(steps.size() - last, steps.size());
        Map<String, Double> out = new LinkedHashMap<>();
        for (String name : counted.get(0).keySet()) {
            if (name.startsWith(PREFIX) && name.endsWith("_seconds")) {
                double[] values = counted.stream()
                        .mapToDouble(step -> step.get(name) * 1e3)
                        .toArray();
                out.put(
                        name.substring(PREFIX.length(), name.length() - "_seconds".length()),
                        BenchResult.median(values));
            }
        }
        return out;
    }
}
