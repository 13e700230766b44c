package io.github.psft4j.hf.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.DecoderConfigBuilder;

/** Qwen2 and Qwen2.5: biases of queries, keys and values; sliding windows in some layers. */
final class Qwen2Family extends RotaryFamily {

    Qwen2Family() {
        super("Qwen2ForCausalLM", "qwen2", new Defaults(32, 0, 32_768, -1, -1));
    }

    @Override
    void readOwn(ConfigFile file, DecoderConfigBuilder config) {
        config.qkvBias(true).windows(SlidingWindows.byLayer(file));
    }

    @Override
    void writeOwn(DecoderConfig config, ObjectNode json) {
        SlidingWindows.putByLayer(json, config);
    }
}
