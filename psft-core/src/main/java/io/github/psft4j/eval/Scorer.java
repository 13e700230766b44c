package io.github.psft4j.eval;

import io.github.psft4j.data.Demonstration;
import io.github.psft4j.data.PaddedBatch;
import io.github.psft4j.hub.CausalLm;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Log-probs and entropies of given sequences under a model, without gradients. */
public final class Scorer {

    private final CausalLm model;
    private final int batchSize;

    /**
     * @param batchSize sequences per forward pass
     */
    public Scorer(CausalLm model, int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("the batch size must be positive, was " + batchSize);
        }
        this.model = model;
        this.batchSize = batchSize;
    }

    /** Scores of every token of every sequence, whatever its loss mask says. */
    public List<TokenScores> score(List<Demonstration> sequences) {
        List<Demonstration> all = new ArrayList<>();
        sequences.forEach(d -> all.add(Demonstration.ofText(d.tokens())));
        List<TokenScores> out = new ArrayList<>();
        for (int from = 0; from < all.size(); from += batchSize) {
            List<Demonstration> batch = all.subList(from, Math.min(all.size(), from + batchSize));
            TokenLoss loss = run(batch);
            int time = loss.logProbs().length / batch.size();
            for (int b = 0; b < batch.size(); b++) {
                int n = batch.get(b).length() - 1;
                float[] logProbs = new float[n];
                float[] entropies = new float[n];
                for (int t = 0; t < n; t++) {
                    logProbs[t] = (float) loss.logProbs()[b * time + t];
                    entropies[t] = (float) loss.entropies()[b * time + t];
                }
                out.add(new TokenScores(logProbs, entropies));
            }
        }
        return out;
    }

    /** Mean NLL, entropy and token count over the trained tokens of all sequences. */
    public LossReport report(List<Demonstration> sequences) {
        LossReport total = LossReport.EMPTY;
        for (int from = 0; from < sequences.size(); from += batchSize) {
            total = total.plus(run(sequences.subList(from, Math.min(sequences.size(), from + batchSize)))
                    .report());
        }
        return total;
    }

    private TokenLoss run(List<Demonstration> batch) {
        TokenLoss before = model.loss();
        TokenLoss loss = new TokenLoss(new SftObjective());
        model.setLoss(loss);
        try {
            MultiDataSet data = PaddedBatch.of(batch, 1);
            model.graph().clearLayerMaskArrays();
            model.graph().score(data, false);
            return loss;
        } finally {
            model.graph().clearLayerMaskArrays();
            model.setLoss(before);
        }
    }
}
