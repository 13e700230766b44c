package io.github.psft4j.train;

import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTrace;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.column.ReferenceScores;
import io.github.psft4j.train.settings.TrainerSettings;
import io.github.psft4j.train.slice.GradientWork;
import io.github.psft4j.train.slice.SliceGradient;
import io.github.psft4j.train.slice.SliceWorkers;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MiniBatch;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.GradientSum;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Gradient of one mini-batch: the sum over its slices, the micro-batches, in their order. The loss divides by the
 * tokens and sequences of the whole mini-batch, so cutting never changes the result. Slices are computed here, or by
 * workers elsewhere.
 */
final class GradientPass {

    private final CausalLm model;
    private final TrainerSettings settings;
    private final MicroBatches microBatches;
    private final ReferenceScores references;
    private final List<TokenListener> listeners;
    private final double temperature; // of the policy that is trained
    private final SliceWorkers workers; // null: in this process
    private final SliceGradient slice;
    private final TensorOps ops;
    private INDArray accumulated; // [P]; only with several slices that workers compute
    private INDArray gradient; // [P]

    GradientPass(
            CausalLm model,
            TrainerSettings settings,
            MicroBatches microBatches,
            ReferenceScores references,
            List<TokenListener> listeners,
            double temperature,
            SliceWorkers workers) {
        this.model = model;
        this.settings = settings;
        this.microBatches = microBatches;
        this.references = references;
        this.listeners = listeners;
        this.temperature = temperature;
        this.workers = workers;
        this.slice = new SliceGradient(
                model, settings.train().neftuneAlpha(), settings.order().seed());
        this.ops = TensorOpsFactory.forType(model.graph().params().dataType());
    }

    /**
     * Computes the gradient and reports the loss.
     *
     * @param macro has the columns of the mini-batch
     * @param step number of the optimizer step
     */
    LossReport of(MiniBatch mini, MacroBatch macro, TokenObjective objective, int step) {
        TokenLoss whole = new TokenLoss(objective, settings.goal().aggregation())
                .within(mini.totals())
                .withTemperature(temperature);
        List<MicroBatch> slices = microBatches.cut(mini.numbers(), mini.sequences());
        GradientWork work = new GradientWork(
                whole,
                macro.columns(),
                step,
                settings.train().neftuneAlpha(),
                settings.order().seed(),
                !listeners.isEmpty());
        Sum sum = new Sum(slices.size());
        if (workers == null) {
            here(work, slices, sum);
        } else {
            workers.gradients(model, work, slices, sum);
        }
        return sum.report;
    }

    private void here(GradientWork work, List<MicroBatch> slices, SliceWorkers.Sink sink) {
        TokenLoss whole = work.loss();
        try (WeightScope weights = DecoderGraph.ops(model.graph()).products().holdWeights();
                GradientSum gradients = new GradientSum(model.graph())) {
            for (MicroBatch micro : slices) {
                TokenLoss loss =
                        whole.objective().needs().reference() ? whole.withReference(references.logits(micro)) : whole;
                slice.of(micro, work.columns(), loss, work.step());
                sink.accept(micro, loss.report(), loss.trace(), model.graph().getFlattenedGradients());
                gradients.addFromNowOn();
            }
        }
    }

    /** Adds up slices in their order. */
    private final class Sum implements SliceWorkers.Sink {

        private final int count;
        private int added;
        private LossReport report = LossReport.EMPTY;

        Sum(int count) {
            this.count = count;
        }

        @Override
        public void accept(MicroBatch micro, LossReport part, TokenTrace trace, INDArray flat) {
            report = report.plus(part);
            if (!listeners.isEmpty()) {
                TrainedTokens tokens = new TrainedTokens(micro.sequences(), trace, slice.noisy());
                listeners.forEach(listener -> listener.onTokens(tokens));
            }
            add(flat);
            added++;
        }

        private void add(INDArray flat) {
            if (count == 1 || workers == null) { // here the graph has the sum
                gradient = flat;
                return;
            }
            if (accumulated == null) {
                accumulated = Nd4j.createUninitialized(flat.dataType(), flat.length());
            }
            if (added == 0) {
                ops.vectors().copy(flat, accumulated);
            } else {
                ops.vectors().add(flat, accumulated);
            }
            gradient = accumulated;
        }
    }

    /** Gradient of the last mini-batch, {@code [P]}. */
    INDArray gradient() {
        return gradient;
    }

    /** What the last gradient cost by the names in logs; nothing for one that was computed here. */
    Map<String, Double> measures() {
        return workers == null ? Map.of() : workers.measures();
    }
}
