package io.github.psft4j.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The order in which demonstrations are trained: epochs cut into macro-batches, macro-batches into mini-batches. It is
 * a function of (seed, epoch, position) alone, so that any position can be found again. The last macro-batch of an
 * epoch, and its last mini-batch, may be smaller: nothing is dropped.
 */
final class DataOrder {

    /**
     * One optimizer step's share of the data.
     *
     * @param epoch from 1
     * @param macroStep macro-batch over all epochs, from 1
     * @param startsMacro whether it is the first of its macro-batch
     * @param indices demonstrations, by their index
     */
    record MiniBatch(int epoch, int macroStep, boolean startsMacro, int[] indices) {}

    private final int size;
    private final int macro;
    private final int mini;
    private final boolean shuffle;
    private final long seed;
    private final int group; // neighbours that stay together: 2 for pairs
    private int epoch;
    private int macroStep;
    private final List<MiniBatch> pending = new ArrayList<>();
    private int next;
    private int drawn;

    DataOrder(int size, int macro, int mini, boolean shuffle, long seed, int group) {
        this.group = group;
        this.size = size;
        this.macro = macro;
        this.mini = mini;
        this.shuffle = shuffle;
        this.seed = seed;
    }

    /** Optimizer steps in one epoch. */
    static int stepsPerEpoch(int size, int macro, int mini) {
        int full = size / macro * (macro / mini);
        return full + ceilDiv(size % macro, mini);
    }

    /** Macro-batches in one epoch. */
    static int macrosPerEpoch(int size, int macro) {
        return ceilDiv(size, macro);
    }

    /** In long: a batch size may be Integer.MAX_VALUE, for all there is. */
    private static int ceilDiv(int n, int parts) {
        return (int) (((long) n + parts - 1) / parts);
    }

    /** The next mini-batch; there is always one. */
    MiniBatch next() {
        if (next == pending.size()) {
            cutEpoch();
        }
        drawn++;
        return pending.get(next++);
    }

    /** Mini-batches given so far. */
    int drawn() {
        return drawn;
    }

    /** Passes over mini-batches, as if they had been drawn. */
    void skip(int count) {
        for (int i = 0; i < count; i++) {
            next();
        }
    }

    /** Whether the next mini-batch starts a macro-batch. */
    boolean atMacroStart() {
        return next == pending.size() || pending.get(next).startsMacro();
    }

    private void cutEpoch() {
        pending.clear();
        next = 0;
        int[] order = order(epoch);
        epoch++;
        for (int from = 0; from < size; from += macro) {
            macroStep++;
            int end = Math.min(size, from + macro);
            for (int at = from; at < end; at += mini) {
                int[] indices = Arrays.copyOfRange(order, at, Math.min(end, at + mini));
                pending.add(new MiniBatch(epoch, macroStep, at == from, indices));
            }
        }
    }

    /** Order of an epoch, from 0: Fisher-Yates with a random stream of its own. */
    private int[] order(int epochIndex) {
        int[] order = new int[size];
        Arrays.setAll(order, i -> i);
        if (shuffle) {
            SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + epochIndex);
            for (int i = size / group - 1; i > 0; i--) {
                int j = random.nextInt(i + 1);
                for (int k = 0; k < group; k++) {
                    int swap = order[i * group + k];
                    order[i * group + k] = order[j * group + k];
                    order[j * group + k] = swap;
                }
            }
        }
        return order;
    }
}
