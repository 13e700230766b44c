package io.github.psft4j.policy;

import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.model.CausalLm;
import java.util.List;

/**
 * Evaluates a model as it is now, a slice at a time. A slice is a micro-batch: which sequences share a pass decides the
 * last bits of a log-prob. {@link LocalReports} computes them in this process.
 */
@FunctionalInterface
public interface SliceReports {

    /**
     * The report of each slice, in their order.
     *
     * @param slices each is asked for once, so that the list may make them
     * @throws io.github.psft4j.loss.NonFiniteLossException if a log-prob is not a number: of several, that of the first
     *     slice
     */
    List<LossReport> reports(CausalLm model, Reporting how, List<MicroBatch> slices);
}
