package io.github.psft4j.bench;

import io.github.psft4j.kernel.TensorOps;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Tensor operations that add up the time spent in them by kind; for a network that computes on one thread at a time.
 */
final class TimedOps {

    private final Map<String, Long> nanos = new LinkedHashMap<>();

    /** The same operations, timed. */
    TensorOps around(TensorOps ops) {
        return (TensorOps) Proxy.newProxyInstance(
                TensorOps.class.getClassLoader(), new Class<?>[] {TensorOps.class}, (proxy, method, args) -> {
                    long start = System.nanoTime();
                    try {
                        return method.invoke(ops, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    } finally {
                        nanos.merge(part(method.getName()), System.nanoTime() - start, Long::sum);
                    }
                });
    }

    private static String part(String operation) {
        if (operation.startsWith("linear")) {
            return "products of linear layers";
        }
        if (operation.startsWith("attention")) {
            return "attention";
        }
        if (operation.startsWith("softmax")) {
            return "softmax and loss rows";
        }
        if (operation.toLowerCase(Locale.ROOT).contains("norm")) {
            return "norms";
        }
        if (operation.startsWith("activate") || operation.startsWith("gated")) {
            return "activations";
        }
        return "rotation, biases, copies, embedding";
    }

    /** Forgets what was measured so far. */
    void reset() {
        nanos.clear();
    }

    /** Milliseconds per step by kind, and what the rest of a step of the given length takes. */
    Map<String, Double> perStep(int steps, double stepMilliseconds) {
        Map<String, Double> out = new LinkedHashMap<>();
        double sum = 0;
        for (Map.Entry<String, Long> part : nanos.entrySet()) {
            double ms = part.getValue() / 1e6 / steps;
            out.put(part.getKey(), ms);
            sum += ms;
        }
        out.put("optimizer, graph, batches", stepMilliseconds - sum);
        return out;
    }
}
