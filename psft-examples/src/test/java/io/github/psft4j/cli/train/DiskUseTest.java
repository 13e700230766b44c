package io.github.psft4j.cli.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.config.ConfigLoader;
import io.github.psft4j.config.Sections;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.train.optimizer.Moments;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The line before a run says what its checkpoints and its result take. */
class DiskUseTest {

    private static String line(String... settings) {
        return DiskUse.of(
                ConfigLoader.section("checkpoint", List.of(settings)).get(Sections.Checkpoint.class),
                "float",
                Moments.FULL,
                DType.F32,
                134_515_008,
                0);
    }

    /** An old checkpoint goes when a new one is whole, so that one more than is kept must fit. */
    @Test
    void tooLittleSpaceIsNamed() {
        Sections.Checkpoint every12 = ConfigLoader.section("checkpoint", List.of("checkpoint.every=12"))
                .get(Sections.Checkpoint.class);
        long needed = 10_000 * (4 + 3 * 12);
        assertEquals(
                "disk: a checkpoint of 0.1 MB every 12 steps, 2 kept (0.2 MB); final/ of 0.0 MB; together up to 0.4 MB,"
                        + " and only 0.4 MB are free",
                DiskUse.of(every12, "float", Moments.FULL, DType.F32, 10_000, needed - 1));
        assertEquals(
                "disk: a checkpoint of 0.1 MB every 12 steps, 2 kept (0.2 MB); final/ of 0.0 MB",
                DiskUse.of(every12, "float", Moments.FULL, DType.F32, 10_000, needed));
    }

    @Test
    void checkpointsHoldTwelveBytesPerParameterAndTheResultFour() {
        assertEquals("disk: final/ of 538.1 MB", line());
        assertEquals(
                "disk: a checkpoint of 1.6 GB every 12 steps, 2 kept (3.2 GB); final/ of 538.1 MB",
                line("checkpoint.every=12"));
        assertEquals(
                "disk: a checkpoint of 1.6 GB every 12 steps, 4 kept (6.5 GB, and one every 24 steps); final/ of 538.1"
                        + " MB",
                line("checkpoint.every=12", "checkpoint.keep=3", "checkpoint.best_by=nll", "checkpoint.keep_every=24"));
    }

    @Test
    void momentsInBfloat16TakeFourBytesLess() {
        Sections.Checkpoint every12 = ConfigLoader.section("checkpoint", List.of("checkpoint.every=12"))
                .get(Sections.Checkpoint.class);
        assertEquals(
                "disk: a checkpoint of 1.1 GB every 12 steps, 2 kept (2.2 GB); final/ of 538.1 MB",
                DiskUse.of(every12, "float", Moments.BF16, DType.F32, 134_515_008, 0));
    }
}
