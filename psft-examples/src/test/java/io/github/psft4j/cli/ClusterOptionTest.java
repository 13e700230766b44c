package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.cli.console.ExitCodes;
import org.junit.jupiter.api.Test;

/** psft brings no Spark: {@code --cluster} without its jars is refused at once, with the way to get them. */
class ClusterOptionTest {

    @Test
    void aClusterWithoutSparkSaysHowToGetIt() {
        InProcess.Result result = InProcess.run("train", "nowhere.yaml", "--cluster", "local[2]");
        assertEquals(ExitCodes.REFUSED, result.code(), result.err());
        assertTrue(result.err().contains("-Pspark") && result.err().contains("local[2]"), result.err());
    }
}
