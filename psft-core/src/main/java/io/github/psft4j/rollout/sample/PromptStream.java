package io.github.psft4j.rollout.sample;

import io.github.psft4j.train.source.DataOrder;
import java.util.ArrayList;
import java.util.List;

/** Prompts epoch by epoch in the order of seed and epoch; a position says which come next. */
final class PromptStream {

    /**
     * A prompt where the stream has it.
     *
     * @param epoch pass over the prompts, from 0
     * @param number of the prompt in its data, from 0
     */
    record Drawn(int epoch, int number) {}

    private final int size;
    private final DataOrder order;
    private long position; // prompts drawn so far
    private int epoch = -1; // of the order below
    private int[] indices;

    PromptStream(int size, DataOrder order) {
        this.size = size;
        this.order = order;
    }

    long position() {
        return position;
    }

    void moveTo(long newPosition) {
        position = newPosition;
    }

    /** The next so many prompts; an epoch may end among them. */
    List<Drawn> next(int count) {
        List<Drawn> out = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int now = Math.toIntExact(position / size);
            if (now != epoch) {
                epoch = now;
                indices = order.indices(size, now);
            }
            out.add(new Drawn(now, indices[(int) (position++ % size)]));
        }
        return out;
    }
}
