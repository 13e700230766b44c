package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * The gradient norm is unstable, because of spikes or because it grew. Spikes: of the last {@value #STEPS} steps at
 * least {@value #SPIKES} are above {@value #SPIKE} times the median of their place in the macro-batch. They are also
 * above the median of the first {@value #STEPS} steps, because norms that fall by decades while a run converges are no
 * spikes. Places are the first {@value #PLACES} steps after a refresh, one by one, and all later ones: where the clip
 * stops much, the first norms after every refresh are the largest by far. Growth: the median has grown to more than
 * {@value #GROWTH} times that of the first {@value #STEPS} steps.
 */
final class UnstableGradNorm implements FailureSignature {

    static final int STEPS = 64;
    static final int SPIKES = 3;
    static final double SPIKE = 10;
    static final int PLACES = 3;
    static final double GROWTH = 4;
    private static final String NAME = "unstable-grad-norm";
    private static final String REMEDY =
            "lower the learning rate or maxGradNorm, or use a larger mini-batch; with PSFT, use a smaller"
                    + " epsHigh (without a clip the paper's gradient norm is large and unstable, Fig. 8)";
    private static final String SPIKY =
            "of the last %d steps %d have a gradient norm above %.0f times the median of their place in the"
                    + " macro-batch; the median of all is %.3g";
    private static final String GROWN = "the median gradient norm of %d steps grew from %.3g at the start to %.3g";

    private final Window norms = new Window(STEPS);
    private final Deque<Norm> recent = new ArrayDeque<>();
    private int macroStep;
    private int place;
    private double first = Double.NaN;

    private record Norm(double value, int place) {}

    @Override
    public Finding check(StepMetrics m) {
        add(m);
        if (!norms.isFull()) {
            return null;
        }
        double median = norms.median();
        if (Double.isNaN(first)) {
            first = median;
        }
        int spikes = spikes();
        if (median > 0 && spikes >= SPIKES) {
            return found(m, NAME, REMEDY, SPIKY, STEPS, spikes, SPIKE, median);
        }
        return first > 0 && median > GROWTH * first ? found(m, NAME, REMEDY, GROWN, STEPS, first, median) : null;
    }

    private void add(StepMetrics m) {
        place = m.macroStep() == macroStep ? Math.min(place + 1, PLACES) : 0;
        macroStep = m.macroStep();
        norms.add(m.gradNorm());
        if (Double.isFinite(m.gradNorm())) { // else the step was skipped
            recent.add(new Norm(m.gradNorm(), place));
            if (recent.size() > STEPS) {
                recent.remove();
            }
        }
    }

    private int spikes() {
        Window[] byPlace = new Window[PLACES + 1];
        Arrays.setAll(byPlace, p -> new Window(STEPS));
        recent.forEach(norm -> byPlace[norm.place()].add(norm.value()));
        double[] limits = new double[byPlace.length]; // NaN of a place without steps, which nothing is above
        Arrays.setAll(limits, p -> Math.max(SPIKE * byPlace[p].median(), first));
        return (int) recent.stream()
                .filter(norm -> norm.value() > limits[norm.place()])
                .count();
    }
}
