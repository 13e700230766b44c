package io.github.psft4j.bench;

import io.github.psft4j.kernel.Activations;
import io.github.psft4j.kernel.Attention;
import io.github.psft4j.kernel.CachedAttention;
import io.github.psft4j.kernel.HandleCache;
import io.github.psft4j.kernel.KernelForm;
import io.github.psft4j.kernel.Norms;
import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.Vectors;
import io.github.psft4j.kernel.VocabularySoftmax;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tensor operations that add up the time spent in them by kind; for a network that computes on one thread at a time.
 */
final class TimedOps {

    /** What remains of a step of training. */
    static final String TRAINING_REST = "optimizer, graph, batches";

    private static final String OTHER = "rotation, biases, copies, embedding";

    private final Map<String, Long> nanos = new LinkedHashMap<>();

    private record Timed(
            String name,
            Products products,
            Norms norms,
            Activations activations,
            Attention attention,
            CachedAttention cachedAttention,
            VocabularySoftmax softmax,
            Vectors vectors,
            HandleCache handleCache)
            implements KernelForm {}

    /** The same operations, timed. */
    TensorOps around(TensorOps ops) {
        KernelForm timed = new Timed(
                ops.name(),
                timed(Products.class, ops.products(), "products of linear layers"),
                timed(Norms.class, ops.norms(), "norms"),
                timed(Activations.class, ops.activations(), "activations"),
                timed(Attention.class, ops.attention(), "attention"),
                timed(CachedAttention.class, ops.cachedAttention(), "attention"),
                timed(VocabularySoftmax.class, ops.softmax(), "softmax and loss rows"),
                timed(Vectors.class, ops.vectors(), OTHER),
                ops.handleCache());
        return new TensorOps(timed);
    }

    private <F> F timed(Class<F> family, F ops, String part) {
        Object proxy = Proxy.newProxyInstance(family.getClassLoader(), new Class<?>[] {family}, (it, method, args) -> {
            long start = System.nanoTime();
            try {
                return method.invoke(ops, args);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            } finally {
                String kind = method.getName().equals("rotate") ? OTHER : part;
                nanos.merge(kind, System.nanoTime() - start, Long::sum);
            }
        });
        return family.cast(proxy);
    }

    /** Forgets what was measured so far. */
    void reset() {
        nanos.clear();
    }

    /** Milliseconds per step by kind, and what the rest of a step of the given length takes, under its name. */
    Map<String, Double> perStep(int steps, double stepMilliseconds, String rest) {
        Map<String, Double> out = new LinkedHashMap<>();
        double sum = 0;
        for (Map.Entry<String, Long> part : nanos.entrySet()) {
            double ms = part.getValue() / 1e6 / steps;
            out.put(part.getKey(), ms);
            sum += ms;
        }
        out.put(rest, stepMilliseconds - sum);
        return out;
    }
}
