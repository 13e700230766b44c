package io.github.psft4j.train;

import io.github.psft4j.data.Demonstration;
import io.github.psft4j.data.PaddedBatch;
import io.github.psft4j.hub.CausalLm;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TensorOpsFactory;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Denominator;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.transformer.DecoderGraph;
import java.util.ArrayList;
import java.util.Arrays;
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
    private final TensorOps ops;
    private INDArray accumulated; // [P]; only with several micro-batches
    private INDArray gradient; // [P]

    GradientPass(CausalLm model, TrainerSettings settings, List<Demonstration> data) {
        this.model = model;
        this.settings = settings;
        this.data = data;
        this.ops = TensorOpsFactory.forType(model.graph().params().dataType());
    }

    /** Indices cut into micro-batches. */
    static List<int[]> microBatches(int[] indices, int size) {
        List<int[]> out = new ArrayList<>();
        for (int from = 0; from < indices.length; from += size) {
            out.add(Arrays.copyOfRange(indices, from, Math.min(indices.length, from + size)));
        }
        return out;
    }

    /**
     * Computes the gradient and reports the loss.
     *
     * @param old frozen log-probs, null if the objective takes none
     */
    LossReport run(int[] indices, TokenObjective objective, OldLogProbs old) {
        try (WeightScope weights = DecoderGraph.ops(model.graph()).holdWeights()) {
            return accumulate(indices, objective, old);
        }
    }

    private LossReport accumulate(int[] indices, TokenObjective objective, OldLogProbs old) {
        Set<Column> columns = EnumSet.noneOf(Column.class);
        columns.addAll(objective.columns());
        Denominator window = denominator(indices);
        List<int[]> micros = microBatches(indices, settings.microBatch());
        ComputationGraph graph = model.graph();
        LossReport report = LossReport.EMPTY;
        for (int m = 0; m < micros.size(); m++) {
            int[] micro = micros.get(m);
            MultiDataSet batch =
                    PaddedBatch.of(Arrays.stream(micro).mapToObj(data::get).toList(), 1 + columns.size());
            if (old != null) {
                old.write(micro, batch.getLabels(0), Column.OLD_LOG_PROB.channel(columns), Column.CURRENT);
            }
            TokenLoss loss = new TokenLoss(objective, settings.aggregation()).within(window);
            model.setLoss(loss);
            graph.setInputs(batch.getFeatures());
            graph.setLabels(batch.getLabels());
            graph.setLayerMaskArrays(null, batch.getLabelsMaskArrays());
            try {
                graph.computeGradientAndScore();
            } finally {
                graph.clearLayerMaskArrays();
            }
            report = report.plus(loss.report());
            accumulate(graph.getFlattenedGradients(), m, micros.size());
        }
        return report;
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
            ops.copy(flat, accumulated);
        } else {
            ops.add(flat, accumulated);
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
