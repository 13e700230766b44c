package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;

/** PSFT whose macro-batches are one mini-batch each: pi_old is always the current policy, so it is SFT. */
final class PsftWithOneMiniBatch implements FailureSignature {

    static final int STEPS = 3;
    private static final String REMEDY =
            "the ratio is 1 in every step and the clip never acts: set macroBatch to several times miniBatch (the"
                    + " paper: 8), or choose the objective sft";
    private static final String OBSERVED = "each of the first %d macro-batches of %s was one step";

    @Override
    public Finding check(StepMetrics m) {
        boolean one =
                m.step() >= STEPS && m.macroStep() == m.step() && m.objective().equals("psft");
        return one ? found(m, "psft-is-sft", REMEDY, OBSERVED, STEPS, m.objective()) : null;
    }
}
