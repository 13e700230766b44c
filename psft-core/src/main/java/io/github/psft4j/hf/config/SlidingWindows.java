package io.github.psft4j.hf.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.List;

/** Fields about sliding windows: a query sees its own position and {@code sliding_window - 1} before it. */
final class SlidingWindows {

    private static final String SLIDING = "sliding_attention";
    private static final String FULL = "full_attention";

    private SlidingWindows() {}

    /** The window of transformers' default if the field is missing, 0 (none) if it is null. */
    static int size(ConfigFile file) {
        int size = file.integer("sliding_window", 4096, 0);
        file.refuseUnless(size > 0 || !file.has("sliding_window"), "sliding_window", "a positive number or null");
        return size;
    }

    static void putSize(ObjectNode json, int window) {
        json.put("sliding_window", window > 0 ? (Integer) window : null);
    }

    /**
     * Windows by {@code layer_types}, or without these in all layers from {@code max_window_layers} on; none unless
     * {@code use_sliding_window}.
     */
    static List<Integer> byLayer(ConfigFile file) {
        int layers = file.layers("num_hidden_layers");
        int firstWindowed = file.integer("max_window_layers", 28);
        boolean used = file.flag("use_sliding_window", false);
        int size = used ? size(file) : 0;
        file.get("sliding_window"); // without meaning when it is not used
        JsonNode types = file.get("layer_types");
        boolean listed = !types.isMissingNode() && !types.isNull();
        if (listed) {
            file.refuseUnless(types.isArray() && types.size() == layers, "layer_types", "one type per layer");
        }
        List<Integer> windows = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            String type = i >= firstWindowed && size > 0 ? SLIDING : FULL;
            if (listed) {
                type = types.get(i).asText();
                file.refuseUnless(type.equals(FULL) || type.equals(SLIDING), "layer_types", FULL + " and " + SLIDING);
                file.refuseUnless(
                        type.equals(FULL) || size > 0,
                        "layer_types",
                        SLIDING + " only with use_sliding_window and a sliding_window");
            }
            windows.add(type.equals(SLIDING) ? size : 0);
        }
        return windows;
    }

    static void putByLayer(ObjectNode json, DecoderConfig config) {
        int size = config.windows().stream().mapToInt(w -> w).max().orElse(0);
        json.put("use_sliding_window", size > 0);
        putSize(json, size);
        json.put("max_window_layers", firstWindowed(config));
        ArrayNode types = json.putArray("layer_types");
        for (int i = 0; i < config.layers(); i++) {
            types.add(config.window(i) > 0 ? SLIDING : FULL);
        }
    }

    private static int firstWindowed(DecoderConfig config) {
        int i = 0;
        while (i < config.layers() && config.window(i) == 0) {
            i++;
        }
        return i;
    }
}
