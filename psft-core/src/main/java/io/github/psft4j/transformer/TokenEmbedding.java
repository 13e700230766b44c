package io.github.psft4j.transformer;

import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Configuration of the token embedding: ids {@code [B, T]} to vectors {@code E[id] (+ P[t])}, {@code [B, T, D]};
 * parameters E {@code [V, D]} and, with learned positions, P {@code [maxPositions, D]}.
 *
 * <p>Rows may hold several sequences. Features {@code [B, 2, T]} then have the number of each token's sequence in
 * channel 1, from 0 up, and -1 at padding. A sequence is a run within one row. Positions count within each sequence,
 * attention stays in it, and the head passes these sequences to the loss. {@link DecoderGraph#link} makes the embedding
 * known to the other layers.
 */
public final class TokenEmbedding extends DecoderLayer {

    private static final long serialVersionUID = 1L;

    /** Name of the table {@code [V, D]}. */
    public static final String TABLE = "E";

    /** Name of the learned positions {@code [maxPositions, D]}. */
    public static final String POSITIONS = "P";

    /** For JSON. */
    TokenEmbedding() {}

    /** The embedding of a decoder. */
    public TokenEmbedding(DecoderConfig config) {
        super(config);
    }

    @Override
    public Map<String, long[]> weightShapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(TABLE, new long[] {decoder().vocabSize(), decoder().hiddenSize()});
        if (decoder().learnedPositions()) {
            shapes.put(
                    POSITIONS, new long[] {decoder().maxPositions(), decoder().hiddenSize()});
        }
        return shapes;
    }

    @Override
    Layer implementation(NeuralNetConfiguration conf, DataType type) {
        return new TokenEmbeddingLayer(conf, type);
    }
}
