package io.github.psft4j.data;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.PackedTokens;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.api.MultiDataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Demonstrations as mini-batches for plain {@code net.fit}; labels are {@code [B, 1, T]} token ids. They keep the order
 * of their list in every epoch, unless {@link #shuffled}. Weights are refused, because these labels have no place for
 * them.
 */
public final class DemonstrationIterator implements MultiDataSetIterator {

    private static final long serialVersionUID = 1L;

    private final transient List<Demonstration> demonstrations;
    private final int batchSize;
    private final Random random; // null to keep the order
    private final int[] order; // [demonstrations]
    private int next;

    /** Batches of the given number of sequences; the last one may be smaller. */
    public DemonstrationIterator(List<Demonstration> demonstrations, int batchSize) {
        this(demonstrations, batchSize, null);
    }

    private DemonstrationIterator(List<Demonstration> demonstrations, int batchSize, Random random) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("the batch size must be positive, was " + batchSize);
        }
        this.demonstrations = demonstrations instanceof DemonstrationSet ? demonstrations : List.copyOf(demonstrations);
        this.batchSize = batchSize;
        this.random = random;
        this.order = IntStream.range(0, demonstrations.size()).toArray();
        reset();
    }

    /** The same in a random order, which every {@link #reset} draws anew, so that each epoch has its own. */
    public static DemonstrationIterator shuffled(List<Demonstration> demonstrations, int batchSize, long seed) {
        return new DemonstrationIterator(demonstrations, batchSize, new Random(seed));
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
        List<Demonstration> batch = IntStream.range(from, next)
                .mapToObj(i -> demonstrations.get(order[i]))
                .toList();
        for (int i = 0; i < batch.size(); i++) {
            if (batch.get(i).weights() != null) {
                throw new IllegalArgumentException("demonstration " + order[from + i]
                        + " has weights, for which labels of token ids have no place; train with PsftTrainer, which"
                        + " takes weights, or make it without them");
            }
        }
        return PackedTokens.padded(batch, 1);
    }

    @Override
    public void reset() {
        next = 0;
        for (int i = order.length - 1; random != null && i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
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
