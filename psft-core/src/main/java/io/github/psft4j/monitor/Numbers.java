package io.github.psft4j.monitor;

import java.util.Locale;

/** Numbers in messages, the same on every locale, and in JSON. */
final class Numbers {

    private Numbers() {}

    /** For JSON, which has no other numbers: null for one that is not finite. */
    static Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    /** One decimal. */
    static String one(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** Four decimals. */
    static String four(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
