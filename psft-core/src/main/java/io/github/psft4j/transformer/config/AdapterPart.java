package io.github.psft4j.transformer.config;

import io.github.psft4j.transformer.DecoderBlock;
import java.io.Serializable;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A low-rank adapter of one linear module: {@code y[from, to) += scaling * B (A x)} (LoRA, Hu et al., arXiv
 * 2106.09685).
 *
 * <p>A weight of {@link DecoderBlock} holds one or more modules one below the other, such as queries, keys and values.
 *
 * @param weight name of the weight that holds the module
 * @param from first row of the module in the weight
 * @param to one past its last row
 * @param rank rows of A {@code [rank, in]} and columns of B {@code [to - from, rank]}
 * @param scaling factor on the adapter's output
 */
public record AdapterPart(
        @JsonProperty("weight") String weight,
        @JsonProperty("from") long from,
        @JsonProperty("to") long to,
        @JsonProperty("rank") int rank,
        @JsonProperty("scaling") double scaling)
        implements Serializable {

    /** @throws IllegalArgumentException naming the component, its value and its range */
    public AdapterPart {
        DecoderConfig.check(rank > 0, "rank", rank, "positive");
        DecoderConfig.check(from >= 0 && from < to, "rows", from + ".." + to, "a range within the weight");
        DecoderConfig.check(Double.isFinite(scaling), "scaling", scaling, "finite");
    }
}
