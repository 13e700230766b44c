package io.github.psft4j.train.slice;

import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.train.column.LabelColumns;
import io.github.psft4j.transformer.AdapterDropout;
import io.github.psft4j.transformer.EmbeddingNoise;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * Forward and backward pass of one slice. The gradient is then the graph's flat gradient, and the loss has a report.
 */
public final class SliceGradient {

    private final CausalLm model;
    private final ComputationGraph graph;
    private final EmbeddingNoise noise; // null without NEFTune
    private final AdapterDropout dropout; // null without

    /**
     * @param neftuneAlpha strength of noise on the embeddings, 0 for none
     * @param seed of the noise, and of the dropout of the model's adapter
     */
    public SliceGradient(CausalLm model, double neftuneAlpha, long seed) {
        this.model = model;
        this.graph = model.graph();
        this.noise = neftuneAlpha > 0 ? new EmbeddingNoise(neftuneAlpha, seed) : null;
        double rate = LoraModels.settings(model).map(LoraConfig::dropout).orElse(0.0);
        this.dropout = rate > 0 ? new AdapterDropout(rate, seed) : null;
    }

    /** Whether the pass has noise that scores and samples do not have. */
    public boolean noisy() {
        return noise != null || dropout != null;
    }

    /**
     * Computes the gradient.
     *
     * @param columns label columns by the number of the sequence
     * @param loss of the whole mini-batch; has the report of this slice afterwards
     * @param step number of the optimizer step
     */
    public void of(MicroBatch slice, Map<Column, Map<Integer, double[]>> columns, TokenLoss loss, int step) {
        Set<Column> declared = loss.objective().columns();
        MultiDataSet batch = PackedTokens.of(slice.sequences(), slice.layout()).arrays(1 + declared.size());
        LabelColumns.fill(columns, slice, declared, batch.getLabels(0));
        if (noise != null) {
            noise.next(step, slice.numbers());
            EmbeddingNoise.install(graph, noise);
        }
        if (dropout != null) {
            dropout.next(step, slice.numbers());
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
}
