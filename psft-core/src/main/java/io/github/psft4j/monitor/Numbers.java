package io.github.psft4j.monitor;

import java.util.Locale;

/** Numbers in messages, the same on every locale. */
final class Numbers {

    private Numbers() {}

    /** One decimal. */
    static String one(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** Four decimals. */
    static String four(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
