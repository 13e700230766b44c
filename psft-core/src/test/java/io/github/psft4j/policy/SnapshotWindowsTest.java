package io.github.psft4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.WeightedObjective;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.api.MultiDataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/** Which batches and which label columns a SnapshotIterator hands out: those of its source, none lost, none twice. */
class SnapshotWindowsTest {

    private static final double CURRENT = Column.CURRENT;

    private final ComputationGraph net = net(new PsftObjective());

    private static ComputationGraph net(TokenObjective objective) {
        ComputationGraph net = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("ids")
                .addLayer(
                        "embedding",
                        new EmbeddingSequenceLayer.Builder()
                                .nIn(9)
                                .nOut(4)
                                .outputDataFormat(RNNFormat.NCW)
                                .build(),
                        "ids")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(new TokenLoss(objective))
                                .nIn(4)
                                .nOut(9)
                                .activation(Activation.IDENTITY)
                                .dataFormat(RNNFormat.NCW)
                                .build(),
                        "embedding")
                .setOutputs("out")
                .build());
        net.init();
        return net;
    }

    /** Batches of the given numbers of sequences of one token, whose ids count the sequences. */
    private static final class Batches implements MultiDataSetIterator {

        private static final long serialVersionUID = 1L;

        private final int[] sizes;
        private int next;
        private transient MultiDataSetPreProcessor preProcessor;

        Batches(int... sizes) {
            this.sizes = sizes;
        }

        @Override
        public boolean hasNext() {
            return next < sizes.length;
        }

        @Override
        public MultiDataSet next() {
            int from = IntStream.of(sizes).limit(next).sum();
            INDArray ids = Nd4j.createFromArray(IntStream.range(from, from + sizes[next])
                            .asDoubleStream()
                            .toArray())
                    .reshape(sizes[next], 1, 1);
            next++;
            return new MultiDataSet(new INDArray[] {ids}, new INDArray[] {ids.dup()}, null, new INDArray[] {
                ids.mul(0).addi(1).reshape(ids.size(0), 1)
            });
        }

        @Override
        public MultiDataSet next(int num) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void reset() {
            next = 0;
        }

        @Override
        public boolean resetSupported() {
            return false;
        }

        @Override
        public boolean asyncSupported() {
            return true;
        }

        @Override
        public void setPreProcessor(MultiDataSetPreProcessor given) {
            preProcessor = given;
        }

        @Override
        public MultiDataSetPreProcessor getPreProcessor() {
            return preProcessor;
        }
    }

    private SnapshotIterator iterator(int macro, RefreshSchedule refresh, int... sizes) {
        return new SnapshotIterator(net, new Batches(sizes), macro, 2, refresh, WarmupSchedule.none());
    }

    /** First token id of every batch that is left. */
    private static List<Integer> rest(SnapshotIterator iterator) {
        List<Integer> out = new ArrayList<>();
        while (iterator.hasNext()) {
            out.add(iterator.next().getLabels(0).getInt(0, 0, 0));
        }
        return out;
    }

    @Test
    void everyBatchComesOnceAnEpochWhateverTheWindow() {
        for (RefreshSchedule refresh :
                List.of(RefreshSchedule.everyMacroBatch(), RefreshSchedule.everySteps(3), RefreshSchedule.never())) {
            SnapshotIterator iterator = iterator(4, refresh, 2, 2, 2, 1);
            for (int epoch = 0; epoch < 3; epoch++) {
                assertEquals(List.of(0, 2, 4, 6), rest(iterator), refresh + ", epoch " + epoch);
                assertThrows(NoSuchElementException.class, iterator::next);
                iterator.reset();
            }
        }
    }

    @Test
    void aResetInTheMiddleOfAWindowStartsAtTheFirstBatch() {
        SnapshotIterator iterator = iterator(8, RefreshSchedule.everyMacroBatch(), 2, 2, 2, 2);
        iterator.next();
        iterator.reset();
        assertEquals(List.of(0, 2, 4, 6), rest(iterator));
    }

    @Test
    void aMacroBatchMayBeOneMiniBatchAndIsThenPlainSft() {
        SnapshotIterator iterator = iterator(2, RefreshSchedule.everyMacroBatch(), 2, 2, 2);
        while (iterator.hasNext()) {
            assertEquals(CURRENT, iterator.next().getLabels(0).getDouble(0, 1, 0));
        }
        for (int[] bad : new int[][] {{2, 0}, {0, 2}, {1, 2}}) {
            assertThrows(
                    IllegalArgumentException.class, () -> new SnapshotIterator(net, new Batches(2), bad[0], bad[1]));
        }
    }

    @Test
    void onlyTheLastBatchMayBeSmallAndNoneLarge() {
        for (int[] sizes : new int[][] {{2, 3}, {1, 2}}) {
            SnapshotIterator iterator = iterator(4, RefreshSchedule.everyMacroBatch(), sizes);
            String message =
                    assertThrows(IllegalArgumentException.class, iterator::next).getMessage();
            assertTrue(message.contains("the mini-batch is 2"), message);
        }
    }

    @Test
    void resetAndPreProcessorAreTheSources() {
        SnapshotIterator iterator = iterator(4, RefreshSchedule.everyMacroBatch(), 2);
        MultiDataSetPreProcessor preProcessor = batch -> {};
        iterator.setPreProcessor(preProcessor);
        assertSame(preProcessor, iterator.getPreProcessor());
        assertFalse(iterator.resetSupported());
        assertFalse(iterator.asyncSupported(), "a prefetch thread would take snapshots while the network trains");
    }

    @Test
    void theOldLogProbChannelGoesBetweenTokenIdAndTheOtherColumns() {
        Snapshot snapshot = new Snapshot(net(new WeightedObjective(new PsftObjective())));
        double[][][] expected = {{{3, 4}, {CURRENT, CURRENT}, {0.5, 0.7}}, {{5, 6}, {CURRENT, CURRENT}, {0.1, 0.2}}};
        INDArray without = Nd4j.createFromArray(new double[][][] {{{3, 4}, {0.5, 0.7}}, {{5, 6}, {0.1, 0.2}}});
        INDArray with =
                Nd4j.createFromArray(new double[][][] {{{3, 4}, {-1, -2}, {0.5, 0.7}}, {{5, 6}, {-3, -4}, {0.1, 0.2}}});
        for (INDArray labels : List.of(without, with)) {
            assertArrayEquals(
                    Nd4j.createFromArray(expected).data().asDouble(),
                    snapshot.withOldLogProbChannel(labels).data().asDouble());
        }
        for (INDArray bad : List.of(Nd4j.zeros(1, 1, 2), Nd4j.zeros(1, 4, 2), Nd4j.zeros(1, 2))) {
            String message = assertThrows(IllegalArgumentException.class, () -> snapshot.withOldLogProbChannel(bad))
                    .getMessage();
            assertTrue(message.contains("[B, 2, T]") && message.contains("WEIGHT"), message);
        }
        String plain = assertThrows(
                        IllegalArgumentException.class,
                        () -> new Snapshot(net).withOldLogProbChannel(Nd4j.zeros(1, 3, 2)))
                .getMessage();
        assertTrue(plain.contains("[B, 1, T] (the token id)"), plain);
    }
}
