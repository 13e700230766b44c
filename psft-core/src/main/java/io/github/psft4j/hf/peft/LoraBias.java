package io.github.psft4j.hf.peft;

import java.util.Locale;
import java.util.Optional;

/** Which biases of the base are trained beside an adapter, PEFT's {@code bias}. */
public enum LoraBias {

    /** None. */
    NONE,

    /** All biases of the model, those of norms included. */
    ALL,

    /** Those of the modules that are adapted. */
    LORA_ONLY;

    /** As PEFT writes it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** By PEFT's word; empty if it has none. */
    static Optional<LoraBias> of(String word) {
        for (LoraBias bias : values()) {
            if (bias.word().equals(word)) {
                return Optional.of(bias);
            }
        }
        return Optional.empty();
    }
}
