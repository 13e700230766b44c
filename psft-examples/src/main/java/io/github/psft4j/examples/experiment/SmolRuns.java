package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Estimate;
import io.github.psft4j.examples.experiment.kit.Resampling;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.SmolResult;
import io.github.psft4j.examples.experiment.run.SmolTrial;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The runs of SmolLM2, one seed each. Intervals are over rows alone. */
final class SmolRuns {

    private final Map<SmolTrial, SmolResult> results = new HashMap<>();

    SmolRuns(ResultFiles files, List<SmolTrial> trials) throws IOException {
        for (SmolTrial trial : trials) {
            List<SmolResult> all = files.of(trial, SmolResult.class);
            if (!all.isEmpty()) {
                results.put(trial, all.get(0));
            }
        }
    }

    /** The run, if it was made. */
    Optional<SmolResult> of(SmolTrial trial) {
        return Optional.ofNullable(results.get(trial));
    }

    /** The mean over the rows of a run that was made. */
    Estimate mean(SmolTrial trial, SmolQuantity quantity) {
        double[][] values = values(trial, quantity);
        return Resampling.ofOneSeed(draw -> draw.mean(values));
    }

    /** {@code second - first}, paired by row; empty if one was not made. */
    Optional<Estimate> difference(SmolTrial first, SmolTrial second, SmolQuantity quantity) {
        if (of(first).isEmpty() || of(second).isEmpty()) {
            return Optional.empty();
        }
        double[][] a = values(first, quantity);
        double[][] b = values(second, quantity);
        return Optional.of(Resampling.ofOneSeed(draw -> draw.mean(b) - draw.mean(a)));
    }

    private double[][] values(SmolTrial trial, SmolQuantity quantity) {
        return new double[][] {results.get(trial).rows().get(quantity.key())};
    }
}
