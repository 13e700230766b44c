package io.github.psft4j.train;

import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.train.column.LabelColumns;
import io.github.psft4j.train.column.ReferenceScores;
import io.github.psft4j.train.settings.TrainerSettings;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MiniBatch;
import io.github.psft4j.transformer.AdapterDropout;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.EmbeddingNoise;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Gradient of one mini-batch, accumulated over its micro-batches. The loss divides by the tokens and sequences of the
 * whole mini-batch, so the gradients of micro-batches add up, and cutting never changes the result.
 */
final class GradientPass {

    private final CausalLm model;
    private final ComputationGraph graph;
    private final TrainerSettings settings;
    private final MicroBatches microBatches;
    private final ReferenceScores references;
    private final List<TokenListener> listeners;
    private final double temperature; // of the policy that is trained
    private final EmbeddingNoise noise; // null without NEFTune
    private final AdapterDropout dropout; // null without
    private final TensorOps ops;
    private INDArray accumulated; // [P]; only with several micro-batches
    private INDArray gradient; // [P]

    GradientPass(
            CausalLm model,
            TrainerSettings settings,
            MicroBatches microBatches,
            ReferenceScores references,
            List<TokenListener> listeners,
            double temperature) {
        this.model = model;
        this.graph = model.graph();
        this.settings = settings;
        this.microBatches = microBatches;
        this.references = references;
        this.listeners = listeners;
        this.temperature = temperature;
        double alpha = settings.train().neftuneAlpha();
        this.noise = alpha > 0 ? new EmbeddingNoise(alpha, settings.order().seed()) : null;
        double rate = LoraModels.settings(model).map(LoraConfig::dropout).orElse(0.0);
        this.dropout = rate > 0 ? new AdapterDropout(rate, settings.order().seed()) : null;
        this.ops = TensorOpsFactory.forType(graph.params().dataType());
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
        List<MicroBatch> micros = microBatches.cut(mini.numbers(), mini.sequences());
        LossReport report = LossReport.EMPTY;
        try (WeightScope weights = DecoderGraph.ops(graph).products().holdWeights()) {
            for (int m = 0; m < micros.size(); m++) {
                MicroBatch micro = micros.get(m);
                TokenLoss loss = objective.needs().reference() ? whole.withReference(references.logits(micro)) : whole;
                backward(micro, macro, loss, step);
                report = report.plus(loss.report());
                tell(micro, loss);
                accumulate(graph.getFlattenedGradients(), m, micros.size());
            }
        }
        return report;
    }

    /** Forward and backward pass of a micro-batch. */
    private void backward(MicroBatch micro, MacroBatch macro, TokenLoss loss, int step) {
        Set<Column> columns = loss.objective().columns();
        MultiDataSet batch = PackedTokens.of(micro.sequences(), micro.layout()).arrays(1 + columns.size());
        LabelColumns.fill(macro, micro, columns, batch.getLabels(0));
        if (noise != null) {
            noise.next(step, micro.numbers());
            EmbeddingNoise.install(graph, noise);
        }
        if (dropout != null) {
            dropout.next(step, micro.numbers());
            AdapterDropout.install(graph, dropout);
        }
        model.setLoss(loss);
        graph.setInputs(batch.getFeatures());
        graph.setLabels(batch.getLabels());
        graph.setLayerMaskArrays(null, batch.getLabelsMaskArrays());
        try {
            graph.computeGradientAndScore();
        } finally {
            graph.clearLayerMaskArrays();
            if (noise != null) {
                EmbeddingNoise.install(graph, null);
            }
            if (dropout != null) {
                AdapterDropout.install(graph, null);
            }
        }
    }

    private void tell(MicroBatch micro, TokenLoss loss) {
        if (!listeners.isEmpty()) {
            TrainedTokens tokens = new TrainedTokens(micro.sequences(), loss.trace(), noise != null || dropout != null);
            listeners.forEach(listener -> listener.onTokens(tokens));
        }
    }

    private void accumulate(INDArray flat, int m, int count) {
        if (count == 1) {
            gradient = flat;
            return;
        }
        if (accumulated == null) {
            accumulated = Nd4j.createUninitialized(flat.dataType(), flat.length());
        }
        if (m == 0) {
            ops.vectors().copy(flat, accumulated);
        } else {
            ops.vectors().add(flat, accumulated);
        }
        gradient = accumulated;
    }

    /** Gradient of the last mini-batch, {@code [P]}. */
    INDArray gradient() {
        return gradient;
    }
}
