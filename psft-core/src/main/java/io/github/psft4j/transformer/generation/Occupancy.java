package io.github.psft4j.transformer.generation;

import java.util.concurrent.atomic.AtomicInteger;

/** How many sequences are on their way. A sequence is no longer counted when its listener hears of its end. */
final class Occupancy {

    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();

    void take(int sequences) {
        taken.addAndGet(sequences);
    }

    /** A sequence has its first token. */
    void start() {
        running.incrementAndGet();
    }

    void end(GeneratedSequence s) {
        taken.decrementAndGet();
        if (s.length > s.promptLength) {
            running.decrementAndGet();
        }
    }

    /** Sequences that have not ended. */
    int taken() {
        return taken.get();
    }

    /** Sequences that have a slot and at least one token. */
    int running() {
        return running.get();
    }
}
