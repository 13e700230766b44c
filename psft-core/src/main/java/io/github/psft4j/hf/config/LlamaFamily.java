package io.github.psft4j.hf.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.DecoderConfigBuilder;

/** Llama 1 to 3.x: biases of attention (all four products) and of the feed-forward where the file asks for them. */
final class LlamaFamily extends RotaryFamily {

    LlamaFamily() {
        super("LlamaForCausalLM", "llama", new Defaults(0, 0, 2048, 1, 2));
    }

    @Override
    void readOwn(ConfigFile file, DecoderConfigBuilder config) {
        boolean attentionBias = file.flag("attention_bias", false);
        config.qkvBias(attentionBias).attentionOutBias(attentionBias).mlpBias(file.flag("mlp_bias", false));
    }

    @Override
    void writeOwn(DecoderConfig config, ObjectNode json) {
        json.put("attention_bias", config.qkvBias());
        json.put("mlp_bias", config.mlpBias());
    }
}
