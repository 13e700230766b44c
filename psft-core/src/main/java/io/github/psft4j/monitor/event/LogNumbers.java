package io.github.psft4j.monitor.event;

import io.github.psft4j.io.Shown;
import java.util.Map;
import java.util.stream.Collectors;

/** Numbers in messages, the same on every locale, and in JSON. */
public final class LogNumbers {

    private LogNumbers() {}

    /** For JSON, which has no other numbers: null for one that is not finite. */
    public static Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    /** One decimal. */
    public static String one(double value) {
        return Shown.format("%.1f", value);
    }

    /** Names with their values, four decimals each. */
    public static String named(Map<String, Double> values) {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + " " + four(entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    /** Four decimals. */
    public static String four(double value) {
        return Shown.format("%.4f", value);
    }
}
