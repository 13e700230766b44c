package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Means of measures over the last n rollouts; all steps of a rollout show the same values. */
final class RolloutMeans {

    private final List<String> names;
    private final Map<String, Window> windows = new LinkedHashMap<>();
    private int last; // rollout that was added last

    RolloutMeans(int rollouts, String... names) {
        this.names = List.of(names);
        this.names.forEach(name -> windows.put(name, new Window(rollouts)));
    }

    /** Adds the rollout of a step, if it is a new one; whether there are n of them now. */
    boolean add(StepMetrics m) {
        if (m.macroStep() == last || !m.measures().keySet().containsAll(names)) {
            return false;
        }
        last = m.macroStep();
        names.forEach(name -> windows.get(name).add(m.measures().get(name)));
        return windows.get(names.get(0)).isFull();
    }

    double of(String name) {
        return windows.get(name).mean();
    }
}
