package io.github.psft4j.hf.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.DecoderConfigBuilder;

/** Mistral: one sliding window in all layers, or none if it is null. */
final class MistralFamily extends RotaryFamily {

    MistralFamily() {
        super("MistralForCausalLM", "mistral", new Defaults(8, 0, 131_072, 1, 2));
    }

    @Override
    void readOwn(ConfigFile file, DecoderConfigBuilder config) {
        config.slidingWindow(SlidingWindows.size(file));
    }

    @Override
    void writeOwn(DecoderConfig config, ObjectNode json) {
        SlidingWindows.putSize(json, config.window(0));
    }
}
