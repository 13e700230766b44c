package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.kernel.cpu.gemm.Bf16Memory;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Weights rounded to bfloat16. Inside a {@link WeightScope} each is converted once, if the bound on their memory
 * allows; outside, at every use, because nothing reports when a weight changes. The one that was not used for longest
 * is given up first. Not thread-safe, like the graph whose weights these are.
 */
final class Bf16Weights {

    /** A weight matrix by where it lies. */
    private record Key(long address, long length) {}

    private static final class Entry {
        final Bf16Memory memory;
        long scope = -1; // number of the scope in which it was converted

        Entry(Bf16Memory memory) {
            this.memory = memory;
        }
    }

    private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true); // by last use
    private long most = Long.MAX_VALUE; // bytes of all entries
    private long held;
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
        Key key = new Key(weight.address(0), weight.length());
        Entry entry = entries.get(key);
        if (entry == null) {
            entry = new Entry(room(weight.length()));
            entries.put(key, entry);
        }
        if (entry.scope != scope) {
            converter.run(weight, entry.memory.reserve(weight.length()));
            entry.scope = scope;
        }
        return entry.memory;
    }

    /** Memory for a weight of n numbers: that of one that was given up for it, or new. */
    private Bf16Memory room(long n) {
        Bf16Memory reused = null;
        Iterator<Entry> eldest = entries.values().iterator();
        while (eldest.hasNext() && held > most - n * Short.BYTES) {
            Bf16Memory given = eldest.next().memory;
            eldest.remove();
            held -= given.length() * Short.BYTES;
            if (reused == null && given.length() == n) {
                reused = given;
            } else {
                given.close();
            }
        }
        held += n * Short.BYTES;
        return reused == null ? new Bf16Memory() : reused;
    }

    /** Bounds the memory of the weights that are held; one is held in any case. */
    void atMost(long bytes) {
        most = bytes;
        Iterator<Entry> eldest = entries.values().iterator();
        while (eldest.hasNext() && held > most) {
            Bf16Memory given = eldest.next().memory;
            eldest.remove();
            held -= given.length() * Short.BYTES;
            given.close();
        }
    }

    /** Whether weights of so many numbers in all, fetched one after the other, are valid together. */
    boolean canHold(long numbers) {
        return depth > 0 && numbers <= most / Short.BYTES;
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
