package io.github.psft4j.examples.report;

import io.github.psft4j.examples.evaluation.Difference;
import io.github.psft4j.io.Shown;

/** How numbers are written in the table and in the text, the same on every locale. */
final class ReportNumbers {

    private ReportNumbers() {}

    /** A share as a percentage with one decimal. */
    static String percent(double share) {
        return Shown.format("%.1f %%", 100 * share);
    }

    /** Nats and norms: three significant places below one, three decimals above. */
    static String real(double value) {
        double magnitude = Math.abs(value);
        return Shown.format(magnitude > 0 && magnitude < 0.1 ? "%.4f" : "%.3f", value);
    }

    /** A difference of shares in percentage points with its standard error. */
    static String points(Difference difference) {
        return Shown.format("%+.1f +- %.1f", 100 * difference.value(), 100 * difference.standardError());
    }

    /** A difference in nats with its standard error. */
    static String nats(Difference difference) {
        return Shown.format("%+.4f +- %.4f", difference.value(), difference.standardError());
    }
}
