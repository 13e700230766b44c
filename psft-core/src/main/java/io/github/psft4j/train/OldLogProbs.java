package io.github.psft4j.train;

import io.github.psft4j.data.Demonstration;
import io.github.psft4j.data.PaddedBatch;
import io.github.psft4j.hub.CausalLm;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.policy.Snapshot;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/** pi_old: for every demonstration of the current refresh window, the log-probs of its tokens when the window began. */
final class OldLogProbs {

    private final CausalLm model;
    private final TrainerSettings settings;
    private final List<Demonstration> data;
    private final double[][] logProbs; // [demonstrations][length - 1]; null: pi_old is the current policy

    OldLogProbs(CausalLm model, TrainerSettings settings, List<Demonstration> data) {
        this.model = model;
        this.settings = settings;
        this.data = data;
        this.logProbs = new double[data.size()][];
    }

    /**
     * Makes pi_old the current policy for these demonstrations, without a pass: they are trained before any weight
     * changes.
     */
    void setCurrent(int[] indices) {
        for (int i : indices) {
            logProbs[i] = null;
        }
    }

    /** Freezes the log-probs of these demonstrations, cut into the same micro-batches that will be trained. */
    void freeze(int[] indices) {
        TokenLoss loss = new TokenLoss(settings.objective(), settings.aggregation());
        model.setLoss(loss);
        Snapshot snapshot = new Snapshot(model.graph());
        for (int[] micro : GradientPass.microBatches(indices, settings.microBatch())) {
            MultiDataSet batch = PaddedBatch.of(select(micro), 1);
            INDArray labels = snapshot.withOldLogProbChannel(batch.getLabels(0));
            batch.setLabels(new INDArray[] {labels});
            double[][] values = snapshot.logProbs(batch);
            for (int b = 0; b < micro.length; b++) {
                logProbs[micro[b]] = Arrays.copyOf(values[b], data.get(micro[b]).length() - 1);
            }
        }
    }

    /** Writes the frozen log-probs into channel {@code channel} of labels {@code [B, C, T]} of these demonstrations. */
    void write(int[] micro, INDArray labels, int channel, double current) {
        for (int b = 0; b < micro.length; b++) {
            double[] values = logProbs[micro[b]];
            int length = data.get(micro[b]).length() - 1;
            for (int t = 0; t < length; t++) {
                labels.putScalar(new int[] {b, channel, t}, values == null ? current : values[t]);
            }
        }
    }

    private List<Demonstration> select(int[] indices) {
        return Arrays.stream(indices).mapToObj(data::get).toList();
    }
}
