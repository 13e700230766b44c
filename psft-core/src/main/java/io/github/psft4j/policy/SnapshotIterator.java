package io.github.psft4j.policy;

import io.github.psft4j.loss.Column;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NoSuchElementException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.api.MultiDataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Makes plain {@code net.fit(iterator)} train with PSFT. It gathers the mini-batches of one refresh window (a
 * macro-batch) and runs the snapshot pass over them with the network as it is at that moment. It returns them with the
 * old log-probs in their labels.
 *
 * <p>The first mini-batch after a refresh has r = 1 exactly, so its pass is skipped and {@link Column#CURRENT} stands
 * in its place; during the SFT warm-up that holds for all. {@link #asyncSupported()} is false, because a prefetch
 * thread would take the snapshot while the network trains. Underlying labels are {@code [B, 1, T]} token ids (and other
 * declared columns), masks {@code [B, T]}.
 */
public final class SnapshotIterator implements MultiDataSetIterator {

    private static final long serialVersionUID = 1L;

    private final transient Snapshot snapshot;
    private final MultiDataSetIterator data;
    private final int mini;
    private final int k;
    private final RefreshSchedule refresh;
    private final int warmupMacroSteps;
    private final transient Deque<MultiDataSet> window = new ArrayDeque<>();
    private final transient List<MultiDataSet> fixed = new ArrayList<>();
    private int position;
    private int macroSteps; // macro-batches begun and ended
    private int inMacroStep; // mini-batches of the one that has begun

    /**
     * Refresh once per macro-batch, no warm-up.
     *
     * @param net network whose output layer has a PSFT loss
     * @param data mini-batches of {@code mini} sequences; the last one may be smaller
     * @param macro sequences per macro-batch, a multiple of mini
     * @param mini sequences per optimizer step
     */
    public SnapshotIterator(ComputationGraph net, MultiDataSetIterator data, int macro, int mini) {
        this(net, data, macro, mini, RefreshSchedule.everyMacroBatch(), WarmupSchedule.none());
    }

    /**
     * @param refresh when pi_old is computed again; {@code never} keeps the data in memory with the log-probs of the
     *     network as it is now
     * @param warmup macro-steps of plain SFT first; a fraction is refused because the length of the run is not known
     *     here
     * @throws IllegalArgumentException if mini does not divide macro or the network's loss takes no old log-probs
     */
    public SnapshotIterator(
            ComputationGraph net,
            MultiDataSetIterator data,
            int macro,
            int mini,
            RefreshSchedule refresh,
            WarmupSchedule warmup) {
        if (mini < 1 || macro < mini || macro % mini != 0) {
            throw new IllegalArgumentException("the macro-batch (" + macro
                    + " sequences) must be a multiple of the mini-batch (" + mini + " sequences)");
        }
        this.snapshot = new Snapshot(net);
        if (!snapshot.loss().objective().columns().contains(Column.OLD_LOG_PROB)) {
            throw new IllegalArgumentException(
                    "objective " + snapshot.loss().objective().name()
                            + " takes no old log-probs; feed the data to net.fit without a SnapshotIterator");
        }
        this.data = data;
        this.mini = mini;
        this.k = macro / mini;
        this.refresh = refresh;
        this.warmupMacroSteps = warmup.macroSteps(0);
    }

    @Override
    public boolean hasNext() {
        if (refresh.isNever() && !fixed.isEmpty()) {
            return position < fixed.size();
        }
        return !window.isEmpty() || data.hasNext();
    }

    @Override
    public MultiDataSet next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the data is exhausted; call reset()");
        }
        return refresh.isNever() ? nextFixed() : nextOfWindow();
    }

    private MultiDataSet nextOfWindow() {
        boolean full = !window.isEmpty();
        while (!full && data.hasNext()) {
            MultiDataSet batch = draw();
            boolean warm = macroSteps < warmupMacroSteps;
            count(!data.hasNext());
            if (!warm && refresh.freezes(window.size())) {
                snapshot.write(snapshot.logProbs(batch), batch.getLabels(0));
            }
            window.add(batch);
            full = refresh.isFull(window.size(), inMacroStep == 0);
        }
        return window.remove();
    }

    private MultiDataSet nextFixed() {
        boolean known = !fixed.isEmpty();
        while (!known && data.hasNext()) {
            MultiDataSet batch = draw();
            snapshot.write(snapshot.logProbs(batch), batch.getLabels(0));
            fixed.add(batch);
        }
        MultiDataSet batch = fixed.get(position++);
        boolean warm = macroSteps < warmupMacroSteps;
        count(position == fixed.size());
        return warm ? withLabels(batch, snapshot.withOldLogProbChannel(batch.getLabels(0))) : batch;
    }

    /** Counts a mini-batch. The last one of the data ends its macro-batch. */
    private void count(boolean last) {
        inMacroStep++;
        if (inMacroStep == k || last) {
            macroSteps++;
            inMacroStep = 0;
        }
    }

    /** The next mini-batch of the data, whose pi_old is the current policy so far. */
    private MultiDataSet draw() {
        org.nd4j.linalg.dataset.api.MultiDataSet source = data.next();
        long size = source.getLabels(0).size(0);
        if (size > mini || (size < mini && data.hasNext())) {
            throw new IllegalArgumentException(
                    "the data gave a batch of " + size + " sequences, but the mini-batch is " + mini);
        }
        return withLabels(source, snapshot.withOldLogProbChannel(source.getLabels(0)));
    }

    private static MultiDataSet withLabels(org.nd4j.linalg.dataset.api.MultiDataSet batch, INDArray labels) {
        return new MultiDataSet(
                batch.getFeatures(),
                new INDArray[] {labels},
                batch.getFeaturesMaskArrays(),
                batch.getLabelsMaskArrays());
    }

    @Override
    public MultiDataSet next(int num) {
        throw new UnsupportedOperationException("the batch size is fixed at " + mini + "; call next()");
    }

    @Override
    public void reset() {
        data.reset();
        window.clear();
        position = 0;
        if (inMacroStep > 0) {
            macroSteps++;
            inMacroStep = 0;
        }
    }

    @Override
    public boolean resetSupported() {
        return data.resetSupported();
    }

    @Override
    public boolean asyncSupported() {
        return false;
    }

    @Override
    public void setPreProcessor(MultiDataSetPreProcessor preProcessor) {
        data.setPreProcessor(preProcessor);
    }

    @Override
    public MultiDataSetPreProcessor getPreProcessor() {
        return data.getPreProcessor();
    }
}
