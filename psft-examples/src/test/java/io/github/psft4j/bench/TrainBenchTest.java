package io.github.psft4j.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.Precision;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainBenchTest {

    /** Its whole run is shorter than the time over which the compiler is watched. */
    @ParameterizedTest
    @ValueSource(strings = {"sft", "psft"})
    void aShapeOfMicrosecondsIsMeasuredToo(String objective) {
        BenchResult result = TrainBench.run("1,4,8,1,1,16", objective, Precision.F32, 16, false);
        assertEquals(16, result.milliseconds().length);
        assertTrue(Arrays.stream(result.milliseconds()).allMatch(t -> t > 0));
        double best = Arrays.stream(result.milliseconds()).min().orElseThrow();
        double worst = Arrays.stream(result.milliseconds()).max().orElseThrow();
        assertTrue(best <= result.costMilliseconds() && result.costMilliseconds() <= worst, result.toText());
    }
}
