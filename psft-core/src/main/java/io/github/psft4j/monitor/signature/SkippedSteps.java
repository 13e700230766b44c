package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;
import java.util.Locale;

/** Steps are skipped: at least {@value #LEAST}, and at least {@value #SHARE} of all so far. */
final class SkippedSteps implements FailureSignature {

    static final int LEAST = 2;
    static final double SHARE = 0.01;

    @Override
    public String name() {
        return "skipped-steps";
    }

    @Override
    public String remedy() {
        return "the log names loss or gradient of each skipped step: lower the learning rate or maxGradNorm; if single"
                + " batches are at fault, look for damaged demonstrations";
    }

    @Override
    public String check(StepMetrics m) {
        return m.skipped() >= LEAST && m.skipped() >= SHARE * m.step()
                ? String.format(
                        Locale.ROOT,
                        "%d of %d steps were skipped because loss or gradient was not finite",
                        m.skipped(),
                        m.step())
                : null;
    }
}
