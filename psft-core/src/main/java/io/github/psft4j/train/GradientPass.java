package io.github.psft4j.train;

import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Denominator;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.WeightedObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.EmbeddingNoise;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Gradient of one mini-batch, accumulated over its micro-batches. The loss divides by the tokens and sequences of the
 * whole mini-batch, so the gradients simply add up and cutting never changes the result.
 */
final class GradientPass {

    private final CausalLm model;
    private final TrainerSettings settings;
    private final List<Demonstration> data;
    private final List<TokenListener> tokenListeners;
    private final ReferenceScores references;
    private final EmbeddingNoise noise; // null without NEFTune
    private final boolean weighted; // some demonstration has weights
    private final MicroBatches microBatches;
    private final TensorOps ops;
    private INDArray accumulated; // [P]; only with several micro-batches
    private INDArray gradient; // [P]

    GradientPass(
            CausalLm model,
            TrainerSettings settings,
            List<Demonstration> data,
            List<TokenListener> tokenListeners,
            ReferenceScores references) {
        this.references = references;
        this.noise = settings.train().neftuneAlpha() > 0
                ? new EmbeddingNoise(
                        settings.train().neftuneAlpha(), settings.order().seed())
                : null;
        this.weighted = data instanceof DemonstrationSet set
                ? set.hasWeights()
                : data.stream().anyMatch(d -> d.weights() != null);
        this.model = model;
        this.settings = settings;
        this.data = data;
        this.tokenListeners = tokenListeners;
        this.microBatches = new MicroBatches(settings, data);
        this.ops = TensorOpsFactory.forType(model.graph().params().dataType());
    }

    /**
     * Computes the gradient and reports the loss.
     *
     * @param unweighted the objective, without the demonstrations' weights
     * @param old frozen log-probs, null if the objective takes none
     * @param step number of the optimizer step
     */
    LossReport run(int[] indices, TokenObjective unweighted, OldLogProbs old, int step) {
        try (WeightScope weights = DecoderGraph.ops(model.graph()).products().holdWeights()) {
            return accumulate(indices, unweighted, old, step);
        }
    }

    private LossReport accumulate(int[] indices, TokenObjective unweighted, OldLogProbs old, int step) {
        TokenObjective objective = weighted ? new WeightedObjective(unweighted) : unweighted;
        Set<Column> columns = EnumSet.noneOf(Column.class);
        columns.addAll(objective.columns());
        Denominator window = denominator(indices);
        List<int[]> micros = microBatches.cut(indices);
        ComputationGraph graph = model.graph();
        LossReport report = LossReport.EMPTY;
        for (int m = 0; m < micros.size(); m++) {
            int[] micro = micros.get(m);
            List<Demonstration> demonstrations = microBatches.demonstrations(micro);
            SequenceLayout layout = microBatches.layout(demonstrations);
            MultiDataSet batch = PackedTokens.of(demonstrations, layout).arrays(1 + columns.size());
            if (old != null) {
                old.write(micro, layout, batch.getLabels(0), Column.OLD_LOG_PROB.channel(columns), Column.CURRENT);
            }
            write(micro, demonstrations, layout, columns, batch.getLabels(0));
            TokenLoss loss = new TokenLoss(objective, settings.goal().aggregation()).within(window);
            if (objective.needs().reference()) {
                loss = loss.withReference(references.logits(demonstrations, layout));
            }
            if (noise != null) {
                noise.next(step, micro);
                EmbeddingNoise.install(graph, noise);
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
            }
            report = report.plus(loss.report());
            tell(demonstrations, loss);
            accumulate(graph.getFlattenedGradients(), m, micros.size());
        }
        return report;
    }

    /** Fills the columns that do not change during a run into labels {@code [B, C, T]}. */
    private void write(
            int[] micro, List<Demonstration> demonstrations, SequenceLayout layout, Set<Column> columns, INDArray labels) {
        if (columns.contains(Column.REF_LOG_PROB)) {
            references.write(micro, layout, labels, Column.REF_LOG_PROB.channel(columns));
        }
        if (columns.contains(Column.WEIGHT)) {
            LabelColumn.write(layout, labels, Column.WEIGHT.channel(columns), (i, t) -> {
                double[] weights = demonstrations.get(i).weights();
                return weights == null ? 1 : weights[t + 1];
            });
        }
    }

    private void tell(List<Demonstration> demonstrations, TokenLoss loss) {
        if (tokenListeners.isEmpty()) {
            return;
        }
        TrainedTokens tokens = new TrainedTokens(demonstrations, loss.trace());
        tokenListeners.forEach(listener -> listener.onTokens(tokens));
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

    private Denominator denominator(int[] indices) {
        long tokens = 0;
        long sequences = 0;
        for (int i : indices) {
            int trained = data.get(i).trainedTokens();
            tokens += trained;
            sequences += trained > 0 ? 1 : 0;
        }
        return new Denominator(tokens, sequences);
    }
}
