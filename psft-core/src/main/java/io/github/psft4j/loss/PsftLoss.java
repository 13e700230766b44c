package io.github.psft4j.loss;

import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Proximal supervised fine-tuning as a Deeplearning4j loss function (arXiv 2508.17784):
 *
 * <pre>
 * new RnnOutputLayer.Builder(new PsftLoss(0.2, 0.28)).activation(Activation.SOFTMAX).dataFormat(RNNFormat.NCW)
 * </pre>
 *
 * <p>The formula is {@link PsftObjective}'s; labels {@code [B, 2, T]} carry the token id and the old log-prob, which a
 * {@code SnapshotIterator} fills in. See {@link TokenLoss} for masks and scaling.
 */
public final class PsftLoss extends TokenLoss {

    private static final long serialVersionUID = 1L;

    /** The paper's clip range, 0.2 and 0.28. */
    public PsftLoss() {
        super(new PsftObjective());
    }

    /**
     * @param epsLow lower clip width (inert for advantage 1)
     * @param epsHigh upper clip width
     */
    public PsftLoss(double epsLow, double epsHigh) {
        super(new PsftObjective(epsLow, epsHigh));
    }

    @JsonCreator
    PsftLoss(
            @JsonProperty("objective") TokenObjective objective, @JsonProperty("aggregation") Aggregation aggregation) {
        super(objective, aggregation);
    }
}
