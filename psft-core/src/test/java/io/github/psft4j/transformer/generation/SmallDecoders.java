package io.github.psft4j.transformer.generation;

import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.config.DecoderConfig;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.NoOp;

/** Random decoders on which generation is tested. */
final class SmallDecoders {

    static final int VOCABULARY = 23;

    static final DecoderConfig SMALL = small(64);

    /** A generation of this many tokens does not end during a test. */
    static final DecoderConfig ENDLESS = small(100_000);

    /** Above the size up to which the generator computes without the workers of the pool. */
    static final DecoderConfig LARGE = DecoderConfig.builder()
            .vocabSize(8000)
            .hiddenSize(256)
            .intermediateSize(256)
            .layers(1)
            .heads(4)
            .kvHeads(2)
            .maxPositions(64)
            .initializerRange(0.1)
            .tiedEmbeddings(true)
            .build();

    private static DecoderConfig small(int positions) {
        return DecoderConfig.builder()
                .vocabSize(VOCABULARY)
                .hiddenSize(16)
                .intermediateSize(24)
                .layers(3)
                .heads(4)
                .kvHeads(2)
                .maxPositions(positions)
                .initializerRange(0.4)
                .tiedEmbeddings(true)
                .build();
    }

    static ComputationGraph graph(DecoderConfig config) {
        return graph(config, DataType.FLOAT);
    }

    static ComputationGraph graph(DecoderConfig config, DataType type) {
        return DecoderGraph.create(
                DecoderGraph.configuration(config, new TokenLoss(new SftObjective()), new NoOp(), type, 5));
    }

    static GenerationConfig endless() {
        return GenerationConfig.greedy(ENDLESS.maxPositions());
    }

    private SmallDecoders() {}
}
