package io.github.psft4j.spark;

import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.Measures;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The report of a slice on its way to the driver. */
final class ReportData implements Serializable {

    private static final long serialVersionUID = 1L;

    private final double[] means;
    private final long tokens;
    private final String[] names; // of other measures
    private final double[] sums;
    private final double[] counts;

    ReportData(LossReport report) {
        means = new double[] {
            report.value(),
            report.nll(),
            report.entropy(),
            report.meanRatio(),
            report.clipFraction(),
            report.approxKl(),
            report.meanCoefficient()
        };
        tokens = report.tokens();
        List<Map.Entry<String, Measures.Mean>> others =
                new ArrayList<>(report.measures().means().entrySet());
        names = others.stream().map(Map.Entry::getKey).toArray(String[]::new);
        sums = others.stream().mapToDouble(e -> e.getValue().sum()).toArray();
        counts = others.stream().mapToDouble(e -> e.getValue().count()).toArray();
    }

    LossReport report() {
        Measures measures = Measures.NONE;
        for (int i = 0; i < names.length; i++) {
            measures = measures.with(names[i], sums[i], counts[i]);
        }
        return new LossReport(means[0], means[1], means[2], means[3], means[4], means[5], means[6], tokens, measures);
    }
}
