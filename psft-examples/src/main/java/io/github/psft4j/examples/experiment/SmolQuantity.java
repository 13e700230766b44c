package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Estimate;
import io.github.psft4j.io.Shown;
import java.util.Locale;

/** What the page says of a run of SmolLM2, and how it is written. The names of the results are those in lower case. */
enum SmolQuantity {
    /** NLL of answers to held-out questions of GSM8K. */
    NLL("held-out GSM8K NLL", "%.3f", 1),
    /** KL to the base model on its own answers. */
    KL("KL to base, general", "%.4f", 1),
    /** NLL of general chats. */
    CHATS("general chats NLL", "%.3f", 1),
    /** Share of multiple choices taken rightly. */
    CHOICES("multiple choice, %", "%.1f", 100),
    /** Entropy along own answers at temperature 1. */
    ENTROPY("entropy, own samples", "%.3f", 1);

    private final String label;
    private final String format;
    private final double factor;

    SmolQuantity(String label, String format, double factor) {
        this.label = label;
        this.format = format;
        this.factor = factor;
    }

    String label() {
        return label;
    }

    /** Of the result. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A value with its interval. */
    String shown(Estimate e) {
        return text(format, e.value()) + " [" + text(format, e.low()) + ", " + text(format, e.high()) + "]";
    }

    /** A difference with its interval and sign; a star marks one whose interval leaves 0 out. */
    String difference(Estimate e) {
        String signed = format.replace("%", "%+");
        String mark = e.isPositive() || e.isNegative() ? " *" : "";
        return text(signed, e.value()) + " [" + text(signed, e.low()) + ", " + text(signed, e.high()) + "]" + mark;
    }

    private String text(String how, double value) {
        return Shown.format(how, factor * value);
    }
}
