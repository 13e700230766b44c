package io.github.psft4j.spark;

import java.io.Serializable;
import java.util.List;

/** Neighbouring prompts that one task samples. */
final class PromptData implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int[][] prompts; // [prompts][length]
    private final long[][] seeds; // [prompts][samples]

    PromptData(List<int[]> prompts, List<long[]> seeds) {
        this.prompts = prompts.toArray(int[][]::new);
        this.seeds = seeds.toArray(long[][]::new);
    }

    int[][] prompts() {
        return prompts;
    }

    long[][] seeds() {
        return seeds;
    }
}
