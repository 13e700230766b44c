package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;

/** Steps are skipped: at least {@value #LEAST}, and at least {@value #SHARE} of all so far. */
final class SkippedSteps implements FailureSignature {

    static final int LEAST = 2;
    static final double SHARE = 0.01;
    private static final String REMEDY =
            "the log names loss or gradient of each skipped step: lower the learning rate or maxGradNorm; if"
                    + " single batches are at fault, look for damaged demonstrations";
    private static final String OBSERVED = "%d of %d steps were skipped because loss or gradient was not finite";

    @Override
    public Finding check(StepMetrics m) {
        boolean many = m.skipped() >= LEAST && m.skipped() >= SHARE * m.step();
        return many ? found(m, "skipped-steps", REMEDY, OBSERVED, m.skipped(), m.step()) : null;
    }
}
