package io.github.psft4j.policy;

import io.github.psft4j.kernel.Views;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenLoss;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The pass that freezes pi_old: log-probs of the demonstrated tokens under the network as it is now, in evaluation mode
 * and without gradients.
 */
public final class Snapshot {

    private final ComputationGraph net;

    /**
     * @param net network with one output layer whose loss is a {@link TokenLoss}
     * @throws IllegalArgumentException if it has another loss
     */
    public Snapshot(ComputationGraph net) {
        this.net = net;
        loss();
    }

    /** The token loss of the network's output layer as it is configured now. */
    public TokenLoss loss() {
        if (net.getNumOutputArrays() == 1
                && outputConf() instanceof BaseOutputLayer output
                && output.getLossFn() instanceof TokenLoss loss) {
            return loss;
        }
        throw new IllegalArgumentException(
                "pi_old needs a network with one output layer whose loss is a PsftLoss or another"
                        + " TokenLoss, such as new RnnOutputLayer.Builder(new PsftLoss()); got " + outputConf());
    }

    private org.deeplearning4j.nn.conf.layers.Layer outputConf() {
        return net.getOutputLayer(0).conf().getLayer();
    }

    /**
     * Log-probs of the demonstrated tokens of one mini-batch, nats; 0 outside the label mask.
     *
     * @param batch features, labels {@code [B, C, T]} as the loss declares them (any old log-probs), label mask
     *     {@code [B, T]}
     * @return values by sequence and position, {@code [B][T]}
     */
    public double[][] logProbs(MultiDataSet batch) {
        TokenLoss configured = loss();
        TokenLoss own =
                configured.within(null); // clones of a network share its loss, and with it what it measured last
        BaseOutputLayer output = (BaseOutputLayer) outputConf();
        net.clearLayerMaskArrays(); // Deeplearning4j keeps masks: one left over would silently be used again
        output.setLossFn(own);
        try {
            net.score(batch, false);
        } finally {
            output.setLossFn(configured);
            net.clearLayerMaskArrays();
        }
        double[] rows = own.logProbs();
        int b = (int) batch.getLabels(0).size(0);
        int t = (int) batch.getLabels(0).size(2);
        boolean timeMajor = outputConf() instanceof RnnOutputLayer; // stock layers flatten [B, C, T] to row b + B*t
        double[][] out = new double[b][t];
        for (int i = 0; i < b; i++) {
            for (int j = 0; j < t; j++) {
                out[i][j] = rows[timeMajor ? i + b * j : i * t + j];
            }
        }
        return out;
    }

    /**
     * Labels with an old log-prob channel: channel 0 and the other declared columns are taken over,
     * {@link Column#OLD_LOG_PROB} starts as {@link Column#CURRENT}. Labels that have the channel already get a fresh
     * one.
     *
     * @param labels {@code [B, C, T]} with or without the channel
     * @return a new array, in the network's type if the labels are whole numbers, which cannot hold log-probs
     */
    public INDArray withOldLogProbChannel(INDArray labels) {
        Set<Column> declared = EnumSet.copyOf(loss().objective().columns());
        int wanted = 1 + declared.size();
        int channel = Column.OLD_LOG_PROB.channel(declared);
        if (labels.rank() != 3 || (labels.size(1) != wanted && labels.size(1) != wanted - 1)) {
            throw new IllegalArgumentException("labels must be [B, " + (wanted - 1) + ", T] (the token id"
                    + (wanted > 2 ? " and the columns " + declared + " without OLD_LOG_PROB" : "") + "), got "
                    + Arrays.toString(labels.shape()));
        }
        boolean present = labels.size(1) == wanted;
        DataType type =
                labels.dataType().isFPType() ? labels.dataType() : net.params().dataType();
        INDArray out = Nd4j.create(type, new long[] {labels.size(0), wanted, labels.size(2)}, 'c');
        for (int c = 0, from = 0; c < wanted; c++) {
            INDArray target = Views.narrow(out, 1, c, c + 1);
            if (c == channel) {
                target.assign(Column.CURRENT);
                from += present ? 1 : 0;
            } else {
                target.assign(Views.narrow(labels, 1, from, ++from));
            }
        }
        return out;
    }

    /** Writes the log-probs of {@link #logProbs} into the old log-prob channel of the labels. */
    public void write(double[][] logProbs, INDArray labels) {
        int channel = Column.OLD_LOG_PROB.channel(loss().objective().columns());
        for (int b = 0; b < logProbs.length; b++) {
            for (int t = 0; t < logProbs[b].length; t++) {
                labels.putScalar(new int[] {b, channel, t}, logProbs[b][t]);
            }
        }
    }
}
