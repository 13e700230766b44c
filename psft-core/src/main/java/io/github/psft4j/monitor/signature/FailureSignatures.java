package io.github.psft4j.monitor.signature;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.monitor.files.LineFile;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns when the metrics show a known way to fail. These are entropy that collapses in the first epoch, an unstable
 * gradient norm, a clip that never binds or takes too much, an NLL far above SFT's or rising from pass to pass, skipped
 * steps, and PSFT that is SFT; of samples, groups of equal rewards, truncation, repeated prompts and missing rewards.
 * Each is reported once, to the log and, if a file is given, as a line {@code step, signature, observation, remedy} of
 * {@code warnings.jsonl}. Thresholds: docs/monitoring.md and the constants of each signature. Training is not touched.
 */
public final class FailureSignatures implements TrainerListener {

    private static final Logger LOG = LoggerFactory.getLogger(FailureSignatures.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final double[] sft; // [steps], null without a reference run
    private final List<Consumer<Finding>> consumers = new ArrayList<>();
    private final List<FailureSignature> watched = new ArrayList<>();
    private LineFile out;

    /** Reports to the log only. */
    public FailureSignatures() {
        this(null, null);
    }

    /** Reports to the log and to {@code file}, which is created, or emptied, when the run starts. */
    public FailureSignatures(Path file) {
        this(file, null);
    }

    /**
     * @param file for the findings; null for none
     * @param sftMetrics {@code metrics.jsonl} of an SFT run on the same data with the same batches, to compare the NLL
     *     with, read here; null for none
     * @throws IllegalArgumentException if it is no such file
     * @throws java.io.UncheckedIOException if it cannot be read
     */
    public FailureSignatures(Path file, Path sftMetrics) {
        this.file = file;
        this.sft = sftMetrics == null ? null : NllAboveSft.read(sftMetrics);
    }

    /** What the signatures say of recorded steps. Nothing is logged or written. */
    public static List<Finding> of(TrainingPlan plan, List<StepMetrics> steps) {
        FailureSignatures signatures = new FailureSignatures();
        signatures.onStart(plan);
        List<Finding> findings = new ArrayList<>();
        steps.forEach(step -> signatures.check(step, findings::add));
        return findings;
    }

    /** Also passes every finding to {@code consumer}. */
    public FailureSignatures tell(Consumer<Finding> consumer) {
        consumers.add(consumer);
        return this;
    }

    @Override
    public void onStart(TrainingPlan plan) {
        watched.clear();
        watched.addAll(List.of(
                new EntropyCollapse(),
                new UnstableGradNorm(),
                new IdleClip(),
                new HeavyClip(),
                new NllAboveSft(sft),
                new RisingNll(),
                new SkippedSteps(),
                new PsftWithOneMiniBatch(),
                new DeadGroups(),
                new TruncatedSamples(),
                new RepeatedPrompts(),
                new MissingRewards()));
        watched.forEach(signature -> signature.start(plan));
        out = file == null ? null : LineFile.of("warnings", file, LineFile::stepOfJson, plan.resumedStep());
    }

    @Override
    public void onStep(StepMetrics metrics) {
        check(metrics, this::report);
    }

    private void check(StepMetrics metrics, Consumer<Finding> found) {
        for (Iterator<FailureSignature> rest = watched.iterator(); rest.hasNext(); ) {
            Finding finding = rest.next().check(metrics);
            if (finding != null) {
                rest.remove();
                found.accept(finding);
            }
        }
    }

    private void report(Finding finding) {
        LOG.warn(
                "step {}, {}: {}. What to change: {}",
                finding.step(),
                finding.signature(),
                finding.observation(),
                finding.remedy());
        if (out != null) {
            out.write(JSON.valueToTree(finding).toString());
        }
        consumers.forEach(consumer -> consumer.accept(finding));
    }

    @Override
    public void close() {
        if (out != null) {
            out.close();
        }
    }
}
