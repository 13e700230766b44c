package io.github.psft4j.spark;

import java.io.Serializable;
import java.util.List;

/** Neighbouring slices that one task computes. */
final class TaskData implements Serializable {

    private static final long serialVersionUID = 1L;

    private final SliceData[] slices;

    TaskData(List<SliceData> slices) {
        this.slices = slices.toArray(SliceData[]::new);
    }

    SliceData[] slices() {
        return slices;
    }
}
