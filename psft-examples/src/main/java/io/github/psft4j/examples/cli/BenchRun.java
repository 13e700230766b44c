package io.github.psft4j.examples.cli;

import io.github.psft4j.examples.Bench;
import java.io.IOException;

/** Hands the options of {@code psft bench} to the measurement. */
final class BenchRun {

    private BenchRun() {}

    static String run(String shape, String objective, int steps, boolean json) throws IOException {
        if (steps < 1) {
            throw new Refusal("--steps must be 1 or more, was " + steps);
        }
        Bench.Result result = Bench.measure(Bench.shape(shape), Bench.isPsft(objective), steps);
        return json ? Json.text(result) : result.toString();
    }
}
