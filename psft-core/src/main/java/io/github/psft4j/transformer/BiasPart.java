package io.github.psft4j.transformer;

import io.github.psft4j.transformer.config.DecoderConfig;
import java.io.Serializable;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A vector that is trained in the rows {@code [from, to)} of the output of a linear weight. It is the bias itself, or
 * what an adapter adds to it, {@code scaling} times the vector (PEFT's {@code bias} and {@code lora_bias}).
 *
 * @param weight name of the weight
 * @param from first row of the module in the weight
 * @param to one past its last row
 * @param added whether it is added to the bias of the base, if there is one, or takes its place
 * @param scaling factor on what is added, 1 otherwise
 */
public record BiasPart(
        @JsonProperty("weight") String weight,
        @JsonProperty("from") long from,
        @JsonProperty("to") long to,
        @JsonProperty("added") boolean added,
        @JsonProperty("scaling") double scaling)
        implements Serializable {

    /** @throws IllegalArgumentException naming the component, its value and its range */
    public BiasPart {
        DecoderConfig.check(from >= 0 && from < to, "rows", from + ".." + to, "a range within the weight");
        DecoderConfig.check(Double.isFinite(scaling), "scaling", scaling, "finite");
    }

    /** Name of the trained vector, number i of those of its weight. */
    String parameter(int i) {
        return added ? TrainedPart.addedBias(weight, i) : TrainedPart.ownBias(weight, i);
    }
}
