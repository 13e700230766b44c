package io.github.psft4j.spark;

import java.io.Serializable;

/** What one slice gives: its report and, if asked for, its gradient; or why there is none. */
final class SliceResult implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String problem; // null: none
    private final ReportData report;
    private final TraceData trace; // null unless asked for
    private final WireVector gradient; // [P]; null for an evaluation

    SliceResult(ReportData report, TraceData trace, WireVector gradient) {
        this.problem = null;
        this.report = report;
        this.trace = trace;
        this.gradient = gradient;
    }

    /** @param report of an evaluation */
    SliceResult(ReportData report) {
        this(report, null, null);
    }

    /** @param problem what is not finite */
    SliceResult(String problem) {
        this.problem = problem;
        this.report = null;
        this.trace = null;
        this.gradient = null;
    }

    String problem() {
        return problem;
    }

    ReportData report() {
        return report;
    }

    TraceData trace() {
        return trace;
    }

    WireVector gradient() {
        return gradient;
    }
}
