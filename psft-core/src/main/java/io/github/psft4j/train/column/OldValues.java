package io.github.psft4j.train.column;

import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MiniBatch;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.LogProbPass;
import java.util.Arrays;
import java.util.Map;

/** What the critic expects before every trained token when a macro-batch begins: a pass without gradients. */
public final class OldValues implements ColumnFiller {

    private final CausalLm critic;
    private final MicroBatches microBatches;

    /**
     * @param critic a model with a value head: the policy itself, or one of its own
     * @param microBatches cuts sequences as they are cut for training
     */
    public OldValues(CausalLm critic, MicroBatches microBatches) {
        this.critic = critic;
        this.microBatches = microBatches;
    }

    @Override
    public Column column() {
        return Column.OLD_VALUE;
    }

    @Override
    public void fill(MacroBatch macro, CausalLm policy) {
        if (macro.columns().containsKey(column())) {
            return;
        }
        Map<Integer, double[]> values = macro.column(column());
        LogProbPass pass = new LogProbPass(critic.graph(), critic.config());
        try (WeightScope weights = DecoderGraph.ops(critic.graph()).products().holdWeights()) {
            for (MiniBatch mini : macro.miniBatches()) {
                if (!Arrays.stream(mini.numbers()).allMatch(values::containsKey)) {
                    for (MicroBatch micro : microBatches.cut(mini.numbers(), mini.sequences())) {
                        fill(micro, pass, values);
                    }
                }
            }
        }
    }

    private void fill(MicroBatch micro, LogProbPass pass, Map<Integer, double[]> values) {
        int vocabulary = critic.config().vocabSize();
        PackedTokens packed = PackedTokens.of(micro.sequences(), micro.layout(), RowNeeds.VALUE, vocabulary);
        TokenBatch tokens = packed.tokens();
        pass.values(packed.ids(), packed.layout(), tokens);
        for (int i = 0; i < micro.numbers().length; i++) {
            values.put(micro.numbers()[i], new double[packed.layout().length(i)]);
        }
        for (int t = 0; t < tokens.size(); t++) {
            values.get(micro.numbers()[packed.demonstration(t)])[packed.position(t)] = tokens.value(t);
        }
    }
}
