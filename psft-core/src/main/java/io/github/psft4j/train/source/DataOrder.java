package io.github.psft4j.train.source;

import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The order of the data: a function of (seed, epoch, position) alone, so that any position can be found again.
 *
 * @param shuffle whether every epoch has its own random order
 * @param seed of the order
 * @param group neighbours that stay together: 2 for pairs, otherwise 1
 */
public record DataOrder(boolean shuffle, long seed, int group) {

    /**
     * Indices of so many demonstrations in an epoch, which counts from 0: Fisher-Yates with a random stream of its own.
     */
    public int[] indices(int size, int epoch) {
        int[] order = IntStream.range(0, size).toArray();
        if (!shuffle) {
            return order;
        }
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + epoch);
        for (int i = size / group - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            for (int k = 0; k < group; k++) {
                int swap = order[i * group + k];
                order[i * group + k] = order[j * group + k];
                order[j * group + k] = swap;
            }
        }
        return order;
    }
}
