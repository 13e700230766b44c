package io.github.psft4j.monitor.signature;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.io.JsonFault;
import io.github.psft4j.train.StepMetrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The NLL is far above SFT's: over {@value #STEPS} steps more than {@value #FACTOR} times the reference and
 * {@value #MARGIN} nats/token above it. The reference is an SFT run at the same steps, if one is given, then from step
 * {@value #PATIENCE} on: before that the clip slows a run down as it should. Without one it is the end of the run's own
 * SFT warm-up, or, without a warm-up, the start of the run.
 */
final class NllAboveSft implements FailureSignature {

    static final int STEPS = 16;
    static final double FACTOR = 1.5;
    static final double MARGIN = 0.1;
    static final int PATIENCE = 100;
    private static final String REMEDY =
            "raise the learning rate (the paper's PSFT needs another than SFT), refresh the old policy more"
                    + " often, use a larger epsHigh, or begin with an SFT warm-up";
    private static final String OBSERVED =
            "over the last %d steps the NLL of %s is %.3f nats/token, against %.3f of %s";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Window nll = new Window(STEPS);
    private final Window reference = new Window(STEPS);
    private final double[] sft; // [steps], null without a reference run
    private String source = "the start of the run";

    /** @param sft NLL of an SFT run on the same data with the same batches, nats/token by step; null for none */
    NllAboveSft(double[] sft) {
        this.sft = sft;
    }

    /** The NLL of a run's {@code metrics.jsonl}, [steps]. */
    static double[] read(Path metrics) {
        try {
            String text = new String(Files.readAllBytes(metrics), StandardCharsets.UTF_8);
            List<String> lines = text.lines().toList();
            double[] sft = new double[lines.size()]; // [steps]
            boolean measured = false;
            for (int i = 0; i < sft.length; i++) {
                JsonNode line = JSON.readTree(lines.get(i));
                sft[i] = line.path("nll").asDouble(Double.NaN);
                measured |= Double.isFinite(sft[i]);
            }
            if (!measured) {
                throw new IllegalArgumentException("the SFT reference " + metrics.toAbsolutePath()
                        + " has no line with an \"nll\"; give the metrics.jsonl of an SFT run");
            }
            return sft;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "the SFT reference " + metrics.toAbsolutePath() + " is not JSON: " + JsonFault.reason(e)
                            + "; give the metrics.jsonl of an SFT run",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read the SFT reference " + metrics.toAbsolutePath() + ": " + e.getMessage()
                            + "; give the metrics.jsonl of an SFT run",
                    e);
        }
    }

    @Override
    public Finding check(StepMetrics m) {
        if (sft != null) {
            source = "the SFT run at the same steps";
            double there = m.step() <= sft.length ? sft[m.step() - 1] : Double.NaN;
            if (Double.isFinite(there) && Double.isFinite(m.nll())) { // both windows hold the same steps
                reference.add(there);
                nll.add(m.nll());
            }
            return m.step() >= PATIENCE && m.step() <= sft.length ? compare(m) : null;
        }
        if ("sft".equals(m.objective())) {
            source = "the end of the SFT warm-up";
            reference.add(m.nll());
            return null;
        }
        if (!reference.isFull() && !source.startsWith("the end")) {
            reference.add(m.nll());
            return null;
        }
        nll.add(m.nll());
        return compare(m);
    }

    private Finding compare(StepMetrics m) {
        double now = nll.mean();
        double then = reference.mean();
        boolean above = nll.isFull() && now > FACTOR * then && now > then + MARGIN;
        return above ? found(m, "nll-above-sft", REMEDY, OBSERVED, STEPS, m.objective(), now, then, source) : null;
    }
}
