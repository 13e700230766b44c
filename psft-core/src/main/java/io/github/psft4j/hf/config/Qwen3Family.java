package io.github.psft4j.hf.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.DecoderConfigBuilder;

/**
 * Qwen3: norms of query and key heads, heads of their own width, biases of attention and sliding windows where asked
 * for.
 */
final class Qwen3Family extends RotaryFamily {

    Qwen3Family() {
        super("Qwen3ForCausalLM", "qwen3", new Defaults(32, 128, 32_768, -1, -1));
    }

    @Override
    void readOwn(ConfigFile file, DecoderConfigBuilder config) {
        boolean attentionBias = file.flag("attention_bias", false);
        config.qkNorm(true)
                .qkvBias(attentionBias)
                .attentionOutBias(attentionBias)
                .windows(SlidingWindows.byLayer(file));
    }

    @Override
    void writeOwn(DecoderConfig config, ObjectNode json) {
        json.put("attention_bias", config.qkvBias());
        SlidingWindows.putByLayer(json, config);
    }
}
