package io.github.psft4j.policy;

import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.loss.NonFiniteLossException;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.LogProbPass;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Log-probs of sequences by passes without gradients in this process, one slice after the other. */
public final class LocalScores implements SliceScores {

    private static final Logger LOG = LoggerFactory.getLogger(LocalScores.class);

    private static final MicroBatches SINGLE = new MicroBatches(1, 0, false, 1);

    @Override
    public Map<Integer, double[]> of(CausalLm model, Scoring how, List<MicroBatch> slices) {
        LogProbPass pass = new LogProbPass(model.graph(), model.config(), how.temperature());
        Map<Integer, double[]> out = new TreeMap<>();
        if (!how.adapter()) {
            LoraModels.switchAdapter(model, false);
        }
        try (WeightScope weights = DecoderGraph.ops(model.graph()).products().holdWeights()) {
            slices.forEach(slice -> finite(slice, pass, out));
        } finally {
            if (!how.adapter()) {
                LoraModels.switchAdapter(model, true);
            }
        }
        return out;
    }

    /** Where a slice fails, one sequence after the other, so that the others keep their log-probs. */
    private static void finite(MicroBatch slice, LogProbPass pass, Map<Integer, double[]> out) {
        try {
            score(slice, pass, out);
        } catch (NonFiniteLossException e) {
            if (slice.numbers().length == 1) {
                LOG.debug("sequence {} has no finite log-prob", slice.numbers()[0], e);
                return;
            }
            SINGLE.cut(slice.numbers(), slice.sequences()).forEach(one -> finite(one, pass, out));
        }
    }

    private static void score(MicroBatch slice, LogProbPass pass, Map<Integer, double[]> out) {
        PackedTokens batch = PackedTokens.of(slice.sequences(), slice.layout());
        TokenBatch tokens = batch.tokens();
        pass.run(batch.ids(), batch.layout(), tokens);
        for (int t = 0; t < tokens.size(); t++) {
            if (!Double.isFinite(tokens.logProb(t))) {
                throw new NonFiniteLossException("log-prob pass", tokens, t, Double.NaN);
            }
        }
        double[][] values = batch.logProbs();
        for (int i = 0; i < values.length; i++) {
            out.put(slice.numbers()[i], values[i]);
        }
    }
}
