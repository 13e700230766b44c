package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.kernel.cpu.gemm.Bf16Memory;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import java.util.HashMap;
import java.util.Map;

/**
 * Weights rounded to bfloat16. Inside a {@link WeightScope} each is converted once; outside, at every use, because
 * nothing reports when a weight changes. Not thread-safe, like the graph whose weights these are.
 */
final class Bf16Weights {

    /** A weight matrix by where it lies. */
    private record Key(long address, long length) {}

    private static final class Entry {
        final Bf16Memory memory = new Bf16Memory();
        long scope = -1; // number of the scope in which it was converted
    }

    private final Map<Key, Entry> entries = new HashMap<>();
    private final Bf16Memory passing = new Bf16Memory();
    private int depth;
    private long scope;

    /** Fills memory with the converted weight. */
    interface Converter {
        void run(FloatMemory from, Bf16Memory to);
    }

    /** The weight in bfloat16; outside a scope valid until the next call. */
    Bf16Memory get(FloatMemory weight, Converter converter) {
        if (depth == 0) {
            converter.run(weight, passing.reserve(weight.length()));
            return passing;
        }
        Entry entry = entries.computeIfAbsent(new Key(weight.address(0), weight.length()), key -> new Entry());
        if (entry.scope != scope) {
            converter.run(weight, entry.memory.reserve(weight.length()));
            entry.scope = scope;
        }
        return entry.memory;
    }

    /** Opens a scope; scopes inside it change nothing. */
    WeightScope hold() {
        if (depth++ == 0) {
            scope++;
        }
        return new WeightScope() {
            private boolean open = true;

            @Override
            public void close() {
                if (open) {
                    open = false;
                    depth--;
                }
            }
        };
    }
}
