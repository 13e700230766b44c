package io.github.psft4j.transformer;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.DecoderConfigBuilder;
import io.github.psft4j.transformer.config.NormKind;
import io.github.psft4j.transformer.config.RopeScaling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tiny configurations that between them have every option of {@link DecoderConfig}. */
public final class Architectures {

    private Architectures() {}

    private static DecoderConfigBuilder base() {
        return DecoderConfig.builder()
                .vocabSize(11)
                .hiddenSize(8)
                .intermediateSize(12)
                .layers(2)
                .heads(4)
                .kvHeads(2)
                .headDim(2)
                .maxPositions(16)
                .initializerRange(0.5);
    }

    public static Map<String, DecoderConfig> all() {
        Map<String, DecoderConfig> all = new LinkedHashMap<>();
        all.put("untied", base().build());
        all.put("tied", base().tiedEmbeddings(true).build());
        all.put(
                "biases",
                base().qkvBias(true)
                        .attentionOutBias(true)
                        .mlpBias(true)
                        .activation(Activation.GELU)
                        .build());
        all.put(
                "windows",
                base().windows(List.of(2, 3)).qkvBias(true).tiedEmbeddings(true).build());
        all.put(
                "head norms",
                base().qkNorm(true).headDim(6).tiedEmbeddings(true).build());
        all.put(
                "head norms and windows",
                base().qkNorm(true).slidingWindow(3).kvHeads(1).build());
        all.put("gpt2", gpt2().tiedEmbeddings(true).build());
        all.put(
                "gpt2 odd",
                gpt2().headDim(3)
                        .attentionScale(1)
                        .scaleByLayer(true)
                        .activation(Activation.QUICK_GELU)
                        .build());
        all.put(
                "yarn",
                base().headDim(4)
                        .ropeTheta(50)
                        .ropeScaling(RopeScaling.yarn(4, 8, 4, 1, false, 1.2))
                        .build());
        return all;
    }

    private static DecoderConfigBuilder gpt2() {
        return base().norm(NormKind.LAYER)
                .kvHeads(4)
                .learnedPositions(true)
                .qkvBias(true)
                .attentionOutBias(true)
                .mlpBias(true)
                .activation(Activation.GELU_TANH)
                .gatedMlp(false)
                .scaledResidualInit(true);
    }
}
