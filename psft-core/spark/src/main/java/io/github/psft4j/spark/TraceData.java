package io.github.psft4j.spark;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.loss.TokenTrace;
import java.io.Serializable;
import java.util.Map;

/** The trained tokens of a slice as the objective saw them, on their way to the listeners of the driver. */
final class TraceData implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int[] targets; // [n], as all below
    private final int[] rows;
    private final int totalRows;
    private final int[] sequence;
    private final int sequences;
    private final double[] old; // null for objectives without pi_old
    private final double[] logProb;
    private final double[] entropy;
    private final double[] loss;
    private final double[] coefficient;
    private final double[] ratio;
    private final boolean[] clipped;

    TraceData(TokenTrace trace) {
        TokenBatch tokens = trace.tokens();
        TokenTerms terms = trace.terms();
        int n = tokens.size();
        targets = tokens.targets();
        rows = tokens.rows();
        totalRows = tokens.totalRows();
        sequences = tokens.sequences();
        sequence = new int[n];
        old = tokens.has(Column.OLD_LOG_PROB) ? new double[n] : null;
        logProb = new double[n];
        entropy = new double[n];
        loss = new double[n];
        coefficient = new double[n];
        ratio = new double[n];
        clipped = new boolean[n];
        for (int t = 0; t < n; t++) {
            sequence[t] = tokens.sequence(t);
            if (old != null) {
                old[t] = tokens.column(Column.OLD_LOG_PROB, t);
            }
            logProb[t] = tokens.logProb(t);
            entropy[t] = tokens.entropy(t);
            loss[t] = terms.loss(t);
            coefficient[t] = terms.coefficient(t);
            ratio[t] = terms.ratio(t);
            clipped[t] = terms.clipped(t);
        }
    }

    TokenTrace trace() {
        int n = targets.length;
        TokenBatch tokens = new TokenBatch(
                targets,
                rows,
                totalRows,
                sequence,
                sequences,
                old == null ? Map.of() : Map.of(Column.OLD_LOG_PROB, old));
        System.arraycopy(logProb, 0, tokens.statistics().logProb(), 0, n);
        System.arraycopy(entropy, 0, tokens.statistics().entropy(), 0, n);
        TokenTerms terms = new TokenTerms(n);
        for (int t = 0; t < n; t++) {
            terms.set(t, loss[t], coefficient[t]);
            terms.setRatio(t, ratio[t], clipped[t]);
        }
        return new TokenTrace(tokens, terms);
    }
}
