package io.github.psft4j.transformer;

/**
 * Architecture of a Llama-style decoder: RMSNorm before each half of a block, grouped-query causal attention with
 * rotary positions, SwiGLU feed-forward, tied or untied head, no biases.
 *
 * @param vocabSize number of token ids
 * @param hiddenSize width D of the residual stream
 * @param intermediateSize width F of the feed-forward
 * @param layers number of blocks
 * @param heads query heads
 * @param kvHeads key/value heads, a divisor of heads
 * @param headDim width of a head, even
 * @param maxPositions longest sequence
 * @param rmsNormEps added to the mean square
 * @param ropeTheta base of the rotary frequencies
 * @param tiedEmbeddings whether the head is the transposed embedding
 * @param initializerRange standard deviation of fresh weights
 * @param bosTokenId begin-of-sequence id, -1 for none
 * @param eosTokenId end-of-sequence id, -1 for none
 */
public record DecoderConfig(
        int vocabSize,
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        int kvHeads,
        int headDim,
        int maxPositions,
        double rmsNormEps,
        double ropeTheta,
        boolean tiedEmbeddings,
        double initializerRange,
        int bosTokenId,
        int eosTokenId) {

    /** Largest vocabulary whose ids a FLOAT label holds exactly. */
    public static final int MAX_VOCABULARY = 1 << 24;

    /**
     * @throws IllegalArgumentException naming the component, its value and its range
     */
    public DecoderConfig {
        positive("vocabSize", vocabSize);
        positive("hiddenSize", hiddenSize);
        positive("intermediateSize", intermediateSize);
        positive("layers", layers);
        positive("heads", heads);
        positive("kvHeads", kvHeads);
        positive("headDim", headDim);
        positive("maxPositions", maxPositions);
        check(vocabSize <= MAX_VOCABULARY, "vocabSize", vocabSize, "at most " + MAX_VOCABULARY);
        check(heads % kvHeads == 0, "kvHeads", kvHeads, "a divisor of heads (" + heads + ")");
        check(headDim % 2 == 0, "headDim", headDim, "even, because rotary positions turn pairs of channels");
        check(rmsNormEps > 0, "rmsNormEps", rmsNormEps, "above 0");
        check(ropeTheta > 0, "ropeTheta", ropeTheta, "above 0");
        check(initializerRange > 0, "initializerRange", initializerRange, "above 0");
        check(bosTokenId >= -1 && bosTokenId < vocabSize, "bosTokenId", bosTokenId, "-1 or inside the vocabulary");
        check(eosTokenId >= -1 && eosTokenId < vocabSize, "eosTokenId", eosTokenId, "-1 or inside the vocabulary");
    }

    private static void positive(String name, int value) {
        check(value > 0, name, value, "positive");
    }

    private static void check(boolean ok, String name, Number value, String rule) {
        if (!ok) {
            throw new IllegalArgumentException(name + " must be " + rule + ", was " + value);
        }
    }

    /** Number of trainable parameters. */
    public long parameters() {
        long attention = (long) hiddenSize * headDim * (2L * heads + 2L * kvHeads);
        long block = attention + 3L * hiddenSize * intermediateSize + 2L * hiddenSize;
        long embedding = (long) vocabSize * hiddenSize;
        return layers * block + hiddenSize + embedding * (tiedEmbeddings ? 1 : 2);
    }

    /** A builder with the defaults of the Llama family. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects the components; vocabSize, hiddenSize, intermediateSize, layers and heads are required. */
    public static final class Builder {
        private int vocabSize;
        private int hiddenSize;
        private int intermediateSize;
        private int layers;
        private int heads;
        private int kvHeads;
        private int headDim;
        private int maxPositions = 2048;
        private double rmsNormEps = 1e-5;
        private double ropeTheta = 10_000;
        private boolean tiedEmbeddings;
        private double initializerRange = 0.02;
        private int bosTokenId = -1;
        private int eosTokenId = -1;

        private Builder() {}

        /** Number of token ids; required. */
        public Builder vocabSize(int value) {
            vocabSize = value;
            return this;
        }

        /** Width of the residual stream; required. */
        public Builder hiddenSize(int value) {
            hiddenSize = value;
            return this;
        }

        /** Width of the feed-forward; required. */
        public Builder intermediateSize(int value) {
            intermediateSize = value;
            return this;
        }

        /** Number of blocks; required. */
        public Builder layers(int value) {
            layers = value;
            return this;
        }

        /** Query heads; required. */
        public Builder heads(int value) {
            heads = value;
            return this;
        }

        /** Key/value heads; default: heads. */
        public Builder kvHeads(int value) {
            kvHeads = value;
            return this;
        }

        /** Width of a head; default: hiddenSize / heads. */
        public Builder headDim(int value) {
            headDim = value;
            return this;
        }

        /** Longest sequence; default 2048. */
        public Builder maxPositions(int value) {
            maxPositions = value;
            return this;
        }

        /** Added to the mean square in RMSNorm; default 1e-5. */
        public Builder rmsNormEps(double value) {
            rmsNormEps = value;
            return this;
        }

        /** Base of the rotary frequencies; default 10,000. */
        public Builder ropeTheta(double value) {
            ropeTheta = value;
            return this;
        }

        /** Whether the head is the transposed embedding; default false. */
        public Builder tiedEmbeddings(boolean value) {
            tiedEmbeddings = value;
            return this;
        }

        /** Standard deviation of fresh weights; default 0.02. */
        public Builder initializerRange(double value) {
            initializerRange = value;
            return this;
        }

        /** Begin-of-sequence id; default -1, none. */
        public Builder bosTokenId(int value) {
            bosTokenId = value;
            return this;
        }

        /** End-of-sequence id; default -1, none. */
        public Builder eosTokenId(int value) {
            eosTokenId = value;
            return this;
        }

        /**
         * The configuration.
         *
         * @throws IllegalArgumentException if a component is missing or out of range
         */
        public DecoderConfig build() {
            int dim = headDim;
            if (dim == 0 && heads > 0) {
                check(
                        hiddenSize % heads == 0,
                        "hiddenSize",
                        hiddenSize,
                        "a multiple of heads (" + heads + ") unless headDim is given");
                dim = hiddenSize / heads;
            }
            return new DecoderConfig(
                    vocabSize,
                    hiddenSize,
                    intermediateSize,
                    layers,
                    heads,
                    kvHeads == 0 ? heads : kvHeads,
                    dim,
                    maxPositions,
                    rmsNormEps,
                    ropeTheta,
                    tiedEmbeddings,
                    initializerRange,
                    bosTokenId,
                    eosTokenId);
        }
    }
}
