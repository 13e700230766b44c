package io.github.psft4j.bench;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.NormKind;
import java.util.Arrays;

/**
 * Batch and model of a training benchmark, as text. Six numbers {@code B,T,D,H,L,V} are a GPT (LayerNorm, learned
 * positions, GELU, feed-forward 4 D, separate head). Eight numbers {@code B,T,D,H,KV,L,F,V} are a Llama (RMSNorm, RoPE,
 * SiLU gate).
 *
 * @param batch sequences per step
 * @param time tokens per sequence
 * @param config architecture
 */
record TrainShape(int batch, int time, DecoderConfig config) {

    static TrainShape parse(String text) {
        if (!text.matches("[1-9][0-9]{0,7}(,[1-9][0-9]{0,7})*")) {
            throw new IllegalArgumentException(
                    "a shape is positive numbers below 100 million B,T,D,H,L,V (GPT) or B,T,D,H,KV,L,F,V (Llama), was "
                            + text);
        }
        int[] n = Arrays.stream(text.split(",")).mapToInt(Integer::parseInt).toArray();
        DecoderConfig config = switch (n.length) {
            case 6 ->
                DecoderConfig.builder()
                        .hiddenSize(n[2])
                        .heads(n[3])
                        .layers(n[4])
                        .intermediateSize(4 * n[2])
                        .vocabSize(n[5])
                        .maxPositions(n[1])
                        .norm(NormKind.LAYER)
                        .learnedPositions(true)
                        .activation(Activation.GELU)
                        .gatedMlp(false)
                        .qkvBias(true)
                        .attentionOutBias(true)
                        .mlpBias(true)
                        .scaledResidualInit(true)
                        .build();
            case 8 ->
                DecoderConfig.builder()
                        .hiddenSize(n[2])
                        .heads(n[3])
                        .kvHeads(n[4])
                        .layers(n[5])
                        .intermediateSize(n[6])
                        .vocabSize(n[7])
                        .maxPositions(n[1])
                        .build();
            default ->
                throw new IllegalArgumentException(
                        "six numbers B,T,D,H,L,V (GPT) or eight numbers B,T,D,H,KV,L,F,V (Llama) are needed");
        };
        return new TrainShape(n[0], n[1], config);
    }
}
