package io.github.psft4j.train.source;

import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.LazyList;
import io.github.psft4j.loss.Column;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.RefreshSchedule;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Demonstrations, or pairs of them, epoch by epoch; the number of a sequence is its index. An epoch is cut into
 * macro-batches and those into mini-batches. The last of each may be smaller: nothing is dropped. Weights of the
 * demonstrations become a column.
 */
public class DemonstrationSource implements MacroBatchSource {

    private final List<Demonstration> data;
    private final int macro;
    private final int mini;
    private final RefreshSchedule refresh;
    private final DataOrder order;
    private final Deque<MiniBatch> pending = new ArrayDeque<>(); // of the epoch
    private final boolean weighted;
    private int epoch;
    private int macroStep;
    private String fingerprint; // null until it is asked for

    /**
     * @param data a {@link DemonstrationSet} stays in its file; another list is copied
     * @param macroBatch sequences per macro-batch
     * @param miniBatch sequences per optimizer step
     * @param refresh when pi_old is computed again
     * @throws IllegalArgumentException if there are no demonstrations
     */
    public DemonstrationSource(
            List<Demonstration> data, int macroBatch, int miniBatch, RefreshSchedule refresh, DataOrder order) {
        if (data.isEmpty()) {
            throw new IllegalArgumentException("there are no demonstrations to train on");
        }
        this.data = data instanceof DemonstrationSet || data instanceof UnpairedAnswers ? data : new ArrayList<>(data);
        this.weighted = data instanceof DemonstrationSet set
                ? set.hasWeights()
                : !(data instanceof UnpairedAnswers) && data.stream().anyMatch(d -> d != null && d.weights() != null);
        this.macro = macroBatch;
        this.mini = miniBatch;
        this.refresh = refresh;
        this.order = order;
    }

    @Override
    public MacroBatch next(CausalLm policy, int steps) {
        List<MiniBatch> drawn = new ArrayList<>();
        boolean macroEnds;
        do {
            MiniBatch batch = draw();
            drawn.add(batch);
            macroEnds = pending.isEmpty() || pending.peek().macroStep() != batch.macroStep();
        } while (drawn.size() < steps && !refresh.isFull(drawn.size(), macroEnds));
        return macro(drawn);
    }

    @Override
    public MacroBatch resume(int trained, int left) {
        for (int i = 0; i < trained; i++) {
            draw();
        }
        return macro(Stream.generate(this::draw).limit(left).toList());
    }

    private MacroBatch macro(List<MiniBatch> batches) {
        MacroBatch out = new MacroBatch(batches);
        if (weighted) {
            for (MiniBatch batch : batches) {
                for (int number : batch.numbers()) {
                    double[] weights = data.get(number).weights(); // null: all 1
                    if (weights != null) {
                        out.column(Column.WEIGHT).put(number, Arrays.copyOfRange(weights, 1, weights.length));
                    }
                }
            }
        }
        return out;
    }

    private MiniBatch draw() {
        if (pending.isEmpty()) {
            cutEpoch();
        }
        return pending.remove();
    }

    private void cutEpoch() {
        int[] indices = order.indices(data.size(), epoch++);
        for (int from = 0; from < indices.length; from += macro) {
            macroStep++;
            int end = from + Math.min(macro, indices.length - from);
            for (int at = from; at < end; at += mini) {
                int[] numbers = Arrays.copyOfRange(indices, at, at + Math.min(mini, end - at));
                List<Demonstration> sequences = new LazyList<>(numbers.length, i -> data.get(numbers[i]));
                pending.add(new MiniBatch(epoch, macroStep, numbers, sequences));
            }
        }
    }

    @Override
    public String fingerprint() {
        fingerprint = fingerprint == null ? DataFingerprint.of(data) : fingerprint;
        return fingerprint;
    }

    @Override
    public Set<Column> fills() {
        return Set.of(Column.WEIGHT);
    }

    @Override
    public List<Demonstration> sequences() {
        return data;
    }

    @Override
    public int stepsPerEpoch() {
        return data.size() / macro * (macro / mini) + ceilDiv(data.size() % macro, mini);
    }

    @Override
    public int macroStepsPerEpoch() {
        return ceilDiv(data.size(), macro);
    }

    /** Computed in long: a batch size may be Integer.MAX_VALUE, which means all demonstrations. */
    private static int ceilDiv(int n, int parts) {
        return (int) (((long) n + parts - 1) / parts);
    }
}
