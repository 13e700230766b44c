package io.github.psft4j.data;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.PackedTokens;
import java.util.List;
import java.util.NoSuchElementException;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.api.MultiDataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Demonstrations in their order as mini-batches for plain {@code net.fit}; labels are {@code [B, 1, T]} token ids.
 * Weights are refused, because these labels have no place for them.
 */
public final class DemonstrationIterator implements MultiDataSetIterator {

    private static final long serialVersionUID = 1L;

    private final transient List<Demonstration> demonstrations;
    private final int batchSize;
    private int next;

    /** Batches of the given number of sequences; the last one may be smaller. */
    public DemonstrationIterator(List<Demonstration> demonstrations, int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("the batch size must be positive, was " + batchSize);
        }
        this.demonstrations = demonstrations instanceof DemonstrationSet ? demonstrations : List.copyOf(demonstrations);
        this.batchSize = batchSize;
    }

    @Override
    public boolean hasNext() {
        return next < demonstrations.size();
    }

    @Override
    public MultiDataSet next() {
        return next(batchSize);
    }

    @Override
    public MultiDataSet next(int num) {
        if (!hasNext()) {
            throw new NoSuchElementException("the demonstrations are exhausted; call reset()");
        }
        int from = next;
        next = Math.min(demonstrations.size(), from + num);
        List<Demonstration> batch = demonstrations.subList(from, next);
        for (int i = 0; i < batch.size(); i++) {
            if (batch.get(i).weights() != null) {
                throw new IllegalArgumentException("demonstration " + (from + i)
                        + " has weights, for which labels of token ids have no place; train with PsftTrainer, which"
                        + " takes weights, or make it without them");
            }
        }
        return PackedTokens.padded(batch, 1);
    }

    @Override
    public void reset() {
        next = 0;
    }

    @Override
    public boolean resetSupported() {
        return true;
    }

    @Override
    public boolean asyncSupported() {
        return true;
    }

    @Override
    public void setPreProcessor(MultiDataSetPreProcessor preProcessor) {
        throw new UnsupportedOperationException("token ids are not preprocessed");
    }

    @Override
    public MultiDataSetPreProcessor getPreProcessor() {
        return null;
    }
}
