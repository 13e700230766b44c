package io.github.psft4j.hf.config;

import io.github.psft4j.kernel.Activation;
import java.util.LinkedHashMap;
import java.util.Map;

/** Names that transformers gives to activations; several stand for one function. */
final class ActivationNames {

    private static final Map<String, Activation> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("silu", Activation.SILU);
        BY_NAME.put("swish", Activation.SILU);
        BY_NAME.put("gelu", Activation.GELU);
        BY_NAME.put("gelu_python", Activation.GELU);
        BY_NAME.put("gelu_new", Activation.GELU_TANH);
        BY_NAME.put("gelu_pytorch_tanh", Activation.GELU_TANH);
        BY_NAME.put("gelu_python_tanh", Activation.GELU_TANH);
        BY_NAME.put("gelu_fast", Activation.GELU_TANH);
        BY_NAME.put("gelu_accurate", Activation.GELU_TANH);
        BY_NAME.put("quick_gelu", Activation.QUICK_GELU);
        BY_NAME.put("relu", Activation.RELU);
    }

    private ActivationNames() {}

    static Activation read(ConfigFile file, String field, String otherwise) {
        Activation activation = BY_NAME.get(file.text(field, otherwise));
        if (activation == null) {
            throw file.unsupported(field, "this version reads " + BY_NAME.keySet());
        }
        return activation;
    }

    /** The first name of an activation. */
    static String of(Activation activation) {
        return BY_NAME.entrySet().stream()
                .filter(e -> e.getValue() == activation)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }
}
