package io.github.psft4j.transformer;

import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of the token embedding: ids {@code [B, T]} to vectors {@code [B, T, D]}; parameter E {@code [V, D]}.
 */
public final class TokenEmbedding extends DecoderLayer {

    private static final long serialVersionUID = 1L;

    /** Name of the table {@code [V, D]}. */
    public static final String TABLE = "E";

    @JsonProperty
    private int vocabSize;

    /** For JSON. */
    TokenEmbedding() {}

    /** The embedding of a decoder. */
    public TokenEmbedding(DecoderConfig config) {
        super(config);
        vocabSize = config.vocabSize();
    }

    /** Number of token ids, V. */
    public int vocabSize() {
        return vocabSize;
    }

    @Override
    public Map<String, long[]> parameterShapes() {
        return Map.of(TABLE, new long[] {vocabSize, hiddenSize()});
    }

    @Override
    Layer implementation(NeuralNetConfiguration conf, DataType type) {
        return new TokenEmbeddingLayer(conf, type);
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other) && other instanceof TokenEmbedding e && vocabSize == e.vocabSize;
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), vocabSize);
    }
}
