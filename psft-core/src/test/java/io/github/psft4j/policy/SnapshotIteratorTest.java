package io.github.psft4j.policy;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.DemonstrationIterator;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.PsftLoss;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.optimizer.GradientClipping;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Plain {@code net.fit} with a SnapshotIterator is PSFT, step by step the same as the trainer, on our decoder and on
 * stock layers.
 */
class SnapshotIteratorTest {

    private static final DecoderConfig CONFIG = DecoderConfig.builder()
            .vocabSize(19)
            .hiddenSize(16)
            .intermediateSize(20)
            .layers(2)
            .heads(4)
            .kvHeads(2)
            .maxPositions(16)
            .initializerRange(0.2)
            .build();

    private static List<Demonstration> demonstrations(int n) {
        Random random = new Random(8);
        List<Demonstration> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            out.add(Demonstration.of(
                    random.ints(1 + random.nextInt(3), 0, 19).toArray(),
                    random.ints(2 + random.nextInt(8), 0, 19).toArray()));
        }
        return out;
    }

    private record Step(double loss, double nll, double ratio, double clip, double kl, double norm) {}

    /**
     * With 21 demonstrations the last macro-batch has three mini-batches, the last of one; the warm-up takes two
     * epochs.
     */
    @ParameterizedTest
    @CsvSource({"24, 0, 0", "21, 6, 22"})
    void netFitAndTrainerAgreeStepByStep(int demonstrations, int warmup, int warmSteps) {
        List<Demonstration> data = demonstrations(demonstrations);
        CausalLm model = CausalLm.create(CONFIG, null, 4);
        ComputationGraph net = DecoderGraph.create(DecoderGraph.configuration(
                CONFIG, new PsftLoss(0.2, 0.1), new Adam(4e-3, 0.9, 0.999, 1e-12), DataType.FLOAT, 9));
        net.setParams(model.graph().params().dup());

        List<Step> byTrainer = new ArrayList<>();
        PsftTrainer.builder(model)
                .clip(0.2, 0.1)
                .macroBatch(8)
                .miniBatch(2)
                .learningRate(4e-3)
                .adamEpsilon(1e-12) // Deeplearning4j adds epsilon before the bias correction, PyTorch after it
                .warmupSteps(0)
                .sftWarmup(WarmupSchedule.steps(warmup))
                .weightDecay(0)
                .maxGradNorm(0.5)
                .epochs(3)
                .shuffle(false)
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics m) {
                        byTrainer.add(new Step(
                                m.loss(), m.nll(), m.meanRatio(), m.clipFraction(), m.approxKl(), m.gradNorm()));
                    }
                })
                .build()
                .fit(data);

        List<Step> byFit = new ArrayList<>();
        GradientClipping clipping = new GradientClipping(0.5);
        net.addListeners(clipping, new BaseTrainingListener() {
            @Override
            public void iterationDone(Model m, int iteration, int epoch) {
                LossReport r = new Snapshot(net).loss().report();
                byFit.add(new Step(
                        r.value(), r.nll(), r.meanRatio(), r.clipFraction(), r.approxKl(), clipping.lastNorm()));
            }
        });
        RefreshSchedule refresh = RefreshSchedule.everyMacroBatch();
        WarmupSchedule warmups = WarmupSchedule.steps(warmup);
        net.fit(new SnapshotIterator(net, new DemonstrationIterator(data, 2), 8, 2, refresh, warmups), 3);

        assertEquals(byTrainer.size(), byFit.size());
        assertTrue(
                byFit.stream().anyMatch(s -> warmup == 0 ? s.clip() > 0 : Math.abs(s.ratio() - 1) > 1e-3),
                "clip or ratios must be at work in this test");
        for (int i = 0; i < byFit.size(); i++) {
            Step a = byTrainer.get(i);
            Step b = byFit.get(i);
            // PSFT at r = 1 is SFT but for the constant of its loss
            assertEquals(a.loss(), i < warmSteps ? b.nll() : b.loss(), 1e-4, "loss at " + i);
            assertEquals(a.nll(), b.nll(), 1e-4, "nll at " + i);
            assertEquals(a.ratio(), b.ratio(), 1e-4, "ratio at " + i);
            assertEquals(a.clip(), b.clip(), 1e-9, "clip fraction at " + i);
            assertEquals(a.kl(), b.kl(), 1e-4, "approximate KL at " + i);
            assertEquals(a.norm(), b.norm(), 1e-3 * a.norm(), "grad norm at " + i);
        }
        assertArrayEquals(
                model.graph().params().data().asFloat(), net.params().data().asFloat(), 2e-4f);
    }

    private static ComputationGraph stockNet(Activation activation, DataType type) {
        ComputationGraph net = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(type)
                .miniBatch(false)
                .updater(new Adam(0.02))
                .graphBuilder()
                .addInputs("ids")
                .addLayer(
                        "embedding",
                        new EmbeddingSequenceLayer.Builder()
                                .nIn(19)
                                .nOut(8)
                                .outputDataFormat(RNNFormat.NCW)
                                .build(),
                        "ids")
                .addLayer("lstm", new LSTM.Builder().nIn(8).nOut(12).build(), "embedding")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(new PsftLoss(0.2, 0.28))
                                .nIn(12)
                                .nOut(19)
                                .activation(activation)
                                .dataFormat(RNNFormat.NCW)
                                .build(),
                        "lstm")
                .setOutputs("out")
                .build());
        net.init();
        return net;
    }

    @ParameterizedTest
    @EnumSource(
            value = Activation.class,
            names = {"SOFTMAX", "IDENTITY"})
    void stockNetworkGetsTheLogProbsOfItsOwnOutput(Activation activation) {
        ComputationGraph net = stockNet(activation, DataType.DOUBLE);
        SnapshotIterator iterator = new SnapshotIterator(net, new DemonstrationIterator(demonstrations(6), 2), 6, 2);
        iterator.next();
        MultiDataSet second = iterator.next();
        var output = net.output(false, second.getFeatures(0))[0]; // [B, V, T]
        for (int b = 0; b < 2; b++) {
            for (int t = 0; t < output.size(2); t++) {
                if (second.getLabelsMaskArrays()[0].getDouble(b, t) == 0) {
                    continue;
                }
                double sum = 0;
                for (int v = 0; v < 19; v++) {
                    double z = output.getDouble(b, v, t);
                    sum += activation == Activation.SOFTMAX ? z : Math.exp(z);
                }
                double z = output.getDouble(b, second.getLabels(0).getInt(b, 0, t), t);
                double expected = activation == Activation.SOFTMAX ? Math.log(z) : z - Math.log(sum);
                assertEquals(expected, second.getLabels(0).getDouble(b, 1, t), 1e-5);
            }
        }
    }

    /** Token ids as whole numbers are natural labels; the log-probs beside them must not be cut to whole numbers. */
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"INT", "LONG"})
    void labelsOfWholeNumbersGetTheSameLogProbs(DataType type) {
        Snapshot snapshot = new Snapshot(stockNet(Activation.SOFTMAX, DataType.DOUBLE));
        MultiDataSet batch = new DemonstrationIterator(demonstrations(2), 2).next();
        INDArray ids = batch.getLabels(0);
        INDArray labels = snapshot.withOldLogProbChannel(ids.castTo(type));
        assertExact(snapshot.withOldLogProbChannel(ids).castTo(DataType.DOUBLE), labels);
        batch.setLabels(new INDArray[] {labels});
        double[][] logProbs = snapshot.logProbs(batch);
        snapshot.write(logProbs, labels);
        assertEquals(logProbs[1][1], labels.getDouble(1, 1, 1));
    }

    /** A clone shares the loss: a pass must not read what another network's thread measured with it meanwhile. */
    @Test
    void snapshotLeavesAloneWhatTheLossMeasuredLast() {
        ComputationGraph net = stockNet(Activation.SOFTMAX, DataType.FLOAT);
        Snapshot ofClone = new Snapshot(net.clone());
        MultiDataSet batch = new DemonstrationIterator(demonstrations(2), 2).next();
        batch.setLabels(new INDArray[] {ofClone.withOldLogProbChannel(batch.getLabels(0))});
        net.score(batch, false);
        double[] measured = new Snapshot(net).loss().logProbs();
        TokenLoss configured = ofClone.loss();
        double[][] logProbs = ofClone.logProbs(batch);
        assertSame(configured, ofClone.loss());
        assertSame(measured, new Snapshot(net).loss().logProbs());
        assertEquals(measured[2], logProbs[0][1]);
    }

    @Test
    void stockNetworkTrainsWithPlainFitAndItsRatiosMove() {
        ComputationGraph net = stockNet(Activation.SOFTMAX, DataType.FLOAT);
        List<LossReport> reports = new ArrayList<>();
        net.addListeners(new BaseTrainingListener() {
            @Override
            public void iterationDone(Model m, int iteration, int epoch) {
                reports.add(new Snapshot(net).loss().report());
            }
        });
        net.fit(new SnapshotIterator(net, new DemonstrationIterator(demonstrations(16), 2), 8, 2), 20);
        assertEquals(160, reports.size());
        assertTrue(reports.get(159).nll() < 0.9 * reports.get(0).nll(), "NLL falls");
        for (int i = 0; i < reports.size(); i++) {
            if (i % 4 == 0) {
                assertEquals(1, reports.get(i).meanRatio());
            } else {
                assertTrue(reports.get(i).meanRatio() != 1);
            }
        }
    }

    @Test
    void warmupAndRefreshScheduleDecideWhichLabelsCarryLogProbs() {
        ComputationGraph net = stockNet(Activation.SOFTMAX, DataType.FLOAT);
        SnapshotIterator iterator = new SnapshotIterator(
                net,
                new DemonstrationIterator(demonstrations(16), 2),
                4,
                2,
                RefreshSchedule.everySteps(3),
                WarmupSchedule.steps(1));
        StringBuilder current = new StringBuilder();
        while (iterator.hasNext()) {
            current.append(firstOldLogProb(iterator.next()) == Column.CURRENT ? 'c' : 'o');
        }
        assertEquals("ccocooco", current.toString()); // 2 warm steps; refreshes before steps 1, 4 and 7
    }

    @Test
    void fixedReferenceIsTakenOnceAndReplayed() {
        ComputationGraph net = stockNet(Activation.SOFTMAX, DataType.FLOAT);
        SnapshotIterator iterator = new SnapshotIterator(
                net,
                new DemonstrationIterator(demonstrations(4), 2),
                4,
                2,
                RefreshSchedule.never(),
                WarmupSchedule.none());
        double first = firstOldLogProb(iterator.next());
        assertTrue(first < 0);
        net.params().addi(0.1);
        iterator.next();
        iterator.reset();
        assertEquals(first, firstOldLogProb(iterator.next()));
    }

    @Test
    void badUseIsNamed() {
        ComputationGraph net = stockNet(Activation.SOFTMAX, DataType.FLOAT);
        DemonstrationIterator data = new DemonstrationIterator(demonstrations(4), 2);
        assertMessage("macro-batch (5 sequences)", () -> new SnapshotIterator(net, data, 5, 2));
        DemonstrationIterator weighted = new DemonstrationIterator(
                List.of(demonstrations(2).get(0), demonstrations(2).get(1).withWeight(2)), 2);
        assertMessage("demonstration 1 has weights", () -> new SnapshotIterator(net, weighted, 2, 2).next());
        assertMessage("the mini-batch is 1", () -> new SnapshotIterator(net, data, 4, 1).next());
        assertMessage(
                "needs the total number",
                () -> new SnapshotIterator(
                        net, data, 4, 2, RefreshSchedule.everyMacroBatch(), WarmupSchedule.fraction(0.1)));
        ComputationGraph sft = DecoderGraph.create(
                DecoderGraph.configuration(CONFIG, new TokenLoss(new SftObjective()), new Sgd(0.1), DataType.FLOAT, 1));
        assertMessage("sft takes no old log-probs", () -> new SnapshotIterator(sft, data, 4, 2));
    }

    /** Old log-prob of the first trained token of the first sequence. */
    private static double firstOldLogProb(MultiDataSet batch) {
        int t = 0;
        while (batch.getLabelsMaskArrays()[0].getDouble(0, t) == 0) {
            t++;
        }
        return batch.getLabels(0).getDouble(0, 1, t);
    }

    private static void assertMessage(String part, Runnable bad) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, bad::run);
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
