package io.github.psft4j.transformer.config;

import io.github.psft4j.kernel.RotaryTable;
import java.io.Serializable;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * How the frequencies {@code f_i = theta^(-2i/d)} of rotary positions are changed for contexts longer than those of
 * pretraining, as transformers computes it.
 *
 * @param kind which rule
 * @param factor stretch of the context, at least 1; unused by NONE
 * @param lowFrequencyFactor LLAMA3: wavelengths above original / low are divided by the factor
 * @param highFrequencyFactor LLAMA3: wavelengths below original / high are kept
 * @param originalPositions LLAMA3 and YARN: length of pretraining
 * @param betaFast YARN: channels that turn more often over the original length are kept
 * @param betaSlow YARN: channels that turn less often are divided by the factor
 * @param truncate YARN: whether the borders between these are rounded to whole channels
 * @param attentionFactor on cosines and sines, 1 but for YARN
 */
public record RopeScaling(
        @JsonProperty("kind") Kind kind,
        @JsonProperty("factor") double factor,
        @JsonProperty("lowFrequencyFactor") double lowFrequencyFactor,
        @JsonProperty("highFrequencyFactor") double highFrequencyFactor,
        @JsonProperty("originalPositions") int originalPositions,
        @JsonProperty("betaFast") double betaFast,
        @JsonProperty("betaSlow") double betaSlow,
        @JsonProperty("truncate") boolean truncate,
        @JsonProperty("attentionFactor") double attentionFactor)
        implements Serializable {

    /** The rules. */
    public enum Kind {
        /** Frequencies as they are. */
        NONE,
        /** All divided by the factor (Chen et al., arXiv 2306.15595). */
        LINEAR,
        /**
         * A larger theta once a sequence of n tokens exceeds the m positions of the model: {@code theta (factor n / m -
         * factor + 1)^(d / (d - 2))}. Values depend on the length of the batch, padding included.
         */
        DYNAMIC,
        /** Low frequencies divided by the factor, high ones kept, a ramp between (Llama 3.1). */
        LLAMA3,
        /** Like LLAMA3 with a ramp over channels, and an attention temperature (Peng et al., arXiv 2309.00071). */
        YARN
    }

    /** Frequencies as they are. */
    public static final RopeScaling NONE = new RopeScaling(Kind.NONE, 1, 0, 0, 0, 0, 0, false, 1);

    /** @throws IllegalArgumentException naming the component, its value and its range */
    @JsonCreator
    public RopeScaling {
        check(factor >= 1 && Double.isFinite(factor), "factor", factor, "at least 1");
        check(attentionFactor > 0 && Double.isFinite(attentionFactor), "attentionFactor", attentionFactor, "above 0");
        if (kind == Kind.LLAMA3) {
            check(lowFrequencyFactor > 0, "lowFrequencyFactor", lowFrequencyFactor, "above 0");
            check(
                    highFrequencyFactor > lowFrequencyFactor,
                    "highFrequencyFactor",
                    highFrequencyFactor,
                    "above lowFrequencyFactor (" + lowFrequencyFactor + ")");
        }
        if (kind == Kind.LLAMA3 || kind == Kind.YARN) {
            check(originalPositions > 0, "originalPositions", originalPositions, "positive");
        }
        if (kind == Kind.YARN) {
            check(betaSlow > 0, "betaSlow", betaSlow, "above 0");
            check(betaFast >= betaSlow, "betaFast", betaFast, "at least betaSlow (" + betaSlow + ")");
        }
    }

    private static void check(boolean ok, String name, Number value, String rule) {
        DecoderConfig.check(ok, "ropeScaling." + name, value, rule);
    }

    /** {@link Kind#LINEAR}. */
    public static RopeScaling linear(double factor) {
        return new RopeScaling(Kind.LINEAR, factor, 0, 0, 0, 0, 0, false, 1);
    }

    /** {@link Kind#DYNAMIC}. */
    public static RopeScaling dynamic(double factor) {
        return new RopeScaling(Kind.DYNAMIC, factor, 0, 0, 0, 0, 0, false, 1);
    }

    /** {@link Kind#LLAMA3}. */
    public static RopeScaling llama3(double factor, double low, double high, int originalPositions) {
        return new RopeScaling(Kind.LLAMA3, factor, low, high, originalPositions, 0, 0, false, 1);
    }

    /**
     * {@link Kind#YARN}; the paper's values are betaFast 32, betaSlow 1, attentionFactor {@code 0.1 ln(factor) + 1}.
     */
    public static RopeScaling yarn(
            double factor,
            int originalPositions,
            double betaFast,
            double betaSlow,
            boolean truncate,
            double attentionFactor) {
        return new RopeScaling(
                Kind.YARN, factor, 0, 0, originalPositions, betaFast, betaSlow, truncate, attentionFactor);
    }

    /** Longest sequence of a model with the given positions; rules that stretch the context allow more. */
    int longestSequence(int maxPositions) {
        double longest = switch (kind) {
            case NONE, LLAMA3 -> maxPositions;
            case LINEAR -> maxPositions * factor;
            case YARN -> Math.max(maxPositions, originalPositions * factor);
            case DYNAMIC -> Integer.MAX_VALUE; // the frequencies follow any length
        };
        return (int) Math.min(longest, Integer.MAX_VALUE);
    }

    /**
     * Angle per position of every channel pair, {@code [d/2]}.
     *
     * @param length tokens of the sequence, padding included; only DYNAMIC looks at it
     */
    float[] frequencies(int headDim, double theta, int maxPositions, int length) {
        double base = theta;
        if (kind == Kind.DYNAMIC) {
            double n = Math.max(length, maxPositions);
            base = theta * Math.pow(factor * n / maxPositions - (factor - 1), headDim / (headDim - 2.0));
        }
        float[] f = RotaryTable.frequencies(headDim, base);
        for (int i = 0; i < f.length; i++) {
            f[i] = switch (kind) {
                case NONE, DYNAMIC -> f[i];
                case LINEAR -> (float) (f[i] / factor);
                case LLAMA3 -> llama3(f[i]);
                case YARN -> yarn(f[i], i, headDim, theta);
            };
        }
        return f;
    }

    private float llama3(double f) {
        double turns = originalPositions * f / (2 * Math.PI); // over the original length
        double kept = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
        double share = Math.min(1, Math.max(0, kept));
        return (float) ((1 - share) * f / factor + share * f);
    }

    private float yarn(double f, int pair, int headDim, double theta) {
        double low = channel(betaFast, headDim, theta);
        double high = channel(betaSlow, headDim, theta);
        low = Math.max(truncate ? Math.floor(low) : low, 0);
        high = Math.min(truncate ? Math.ceil(high) : high, headDim - 1);
        high = low == high ? high + 0.001 : high;
        double divided = Math.min(1, Math.max(0, (pair - low) / (high - low)));
        return (float) (f / factor * divided + f * (1 - divided));
    }

    /** Channel pair that turns the given number of times over the original length. */
    private double channel(double turns, int headDim, double theta) {
        return headDim * Math.log(originalPositions / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
    }
}
