package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Study;
import io.github.psft4j.examples.experiment.run.Planned;
import io.github.psft4j.examples.experiment.run.Recorded;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.RlTrial;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How long all runs on skills take, from the seconds that runs recorded. */
final class BedTime {

    private static final int CORES = 2;

    /** Runs, and the seconds of those that recorded them. */
    private static final class Kind {
        private int runs;
        private final List<Double> seconds = new ArrayList<>();

        /** A run may have been stopped for minutes in favour of another program: so no mean. */
        double median() {
            double[] sorted = seconds.stream().mapToDouble(s -> s).sorted().toArray();
            return sorted[sorted.length / 2];
        }
    }

    private BedTime() {}

    static String text(ResultFiles files) throws IOException {
        Map<String, Planned> planned = new LinkedHashMap<>();
        Map<String, Integer> seeds = new LinkedHashMap<>();
        for (Study study : Studies.ON_SKILLS) {
            for (Planned one : study.planned(files)) {
                planned.put(one.id(), one);
                seeds.merge(one.id(), study.seeds(), Math::max);
            }
        }
        Kind tuning = new Kind();
        Kind rewarded = new Kind();
        double sum = 0; // of the steps, which is what a run's time follows
        for (Planned one : planned.values()) {
            Kind kind = one instanceof RlTrial ? rewarded : tuning;
            kind.runs += seeds.get(one.id());
            double steps = one instanceof Trial trial ? (double) trial.steps() / Trial.STEPS : 1;
            sum += one instanceof Trial ? steps * seeds.get(one.id()) : 0;
            for (Recorded result : files.of(one, one.kept())) {
                if (result.seconds() > 0) {
                    kind.seconds.add(result.seconds() / steps);
                }
            }
        }
        String runs =
                "They are " + tuning.runs + " runs of fine-tuning and " + rewarded.runs + " of reinforcement learning.";
        if (tuning.seconds.isEmpty() || rewarded.seconds.isEmpty()) {
            return runs;
        }
        double hours = (sum * tuning.median() + rewarded.runs * rewarded.median()) / CORES / 3600;
        return runs
                + Shown.format(
                        " One core took %.0f s for %d steps of the one kind and %.0f s for a run of the other, the"
                                + " medians of the %d and %d runs that recorded it. Other programs ran beside them,"
                                + " and some runs were stopped for minutes. So two cores take %.1f hours for all:",
                        tuning.median(),
                        Trial.STEPS,
                        rewarded.median(),
                        tuning.seconds.size(),
                        rewarded.seconds.size(),
                        hours);
    }
}
