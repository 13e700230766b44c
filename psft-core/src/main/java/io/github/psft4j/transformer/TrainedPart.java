package io.github.psft4j.transformer;

import io.github.psft4j.transformer.config.AdapterPart;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * What a layer trains if not everything: some of its weights whole, and adapters beside frozen ones. Only these have a
 * place in the network's flat parameters, gradients and moments.
 *
 * @param whole names of weights that are trained as they are
 * @param adapters those of one weight together, in the order of their rows
 * @param biases of linear weights; where one is both, what takes its place comes before what is added
 */
public record TrainedPart(
        @JsonProperty("whole") List<String> whole,
        @JsonProperty("adapters") List<AdapterPart> adapters,
        @JsonProperty("biases") List<BiasPart> biases)
        implements Serializable {

    /** A layer that trains nothing. */
    public static final TrainedPart NOTHING = new TrainedPart(List.of(), List.of());

    private static final String DOWN = ".A";
    private static final String UP = ".B";

    /** Copies the lists. */
    public TrainedPart {
        whole = List.copyOf(whole);
        adapters = List.copyOf(adapters);
        biases = biases == null ? List.of() : List.copyOf(biases);
    }

    /** Without biases. */
    public TrainedPart(List<String> whole, List<AdapterPart> adapters) {
        this(whole, adapters, List.of());
    }

    /** Name of the parameter that takes the place of rows of a weight's bias, number i of its {@link BiasPart}s. */
    public static String ownBias(String weight, int i) {
        return ShapedParameters.BIAS + weight + "." + i;
    }

    /** Name of the parameter that is added to rows of a weight's bias, number i of its {@link BiasPart}s. */
    public static String addedBias(String weight, int i) {
        return up(weight, i) + ".bias";
    }

    /** The trained biases of one weight. */
    public List<BiasPart> biasesOf(String weight) {
        return biases.stream().filter(b -> b.weight().equals(weight)).toList();
    }

    /** Name of the parameter {@code [sum of ranks, in]} that holds A of all adapters of a weight, in their order. */
    public static String down(String weight) {
        return weight + DOWN;
    }

    /** Name of the parameter that is B of adapter number i of a weight. */
    public static String up(String weight, int i) {
        return weight + UP + i;
    }

    /** Whether a parameter starts at zero, so that a fresh adapter changes nothing. */
    static boolean startsAtZero(String parameter) {
        return parameter.contains(UP);
    }

    /** Whether a parameter is A of adapters. */
    static boolean isDown(String parameter) {
        return parameter.endsWith(DOWN);
    }

    /** The adapters of one weight. */
    public List<AdapterPart> of(String weight) {
        return adapters.stream().filter(a -> a.weight().equals(weight)).toList();
    }

    /** Names and shapes of the trained parameters of a layer with these weights. */
    Map<String, long[]> shapes(Map<String, long[]> weights) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        weights.forEach((name, shape) -> {
            if (whole.contains(name)) {
                shapes.put(name, shape);
            }
            List<AdapterPart> parts = of(name);
            long ranks = parts.stream().mapToLong(AdapterPart::rank).sum();
            if (ranks > 0) {
                shapes.put(down(name), new long[] {ranks, shape[1]});
            }
            for (int i = 0; i < parts.size(); i++) {
                AdapterPart part = parts.get(i);
                DecoderConfig.check(part.to() <= shape[0], "rows", part, "within the " + shape[0] + " of " + name);
                shapes.put(up(name, i), new long[] {part.to() - part.from(), part.rank()});
            }
            List<BiasPart> vectors = biasesOf(name);
            for (int i = 0; i < vectors.size(); i++) {
                BiasPart part = vectors.get(i);
                DecoderConfig.check(part.to() <= shape[0], "rows", part, "within the " + shape[0] + " of " + name);
                shapes.put(part.parameter(i), new long[] {part.to() - part.from()});
            }
        });
        return shapes;
    }
}
