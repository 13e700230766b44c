package io.github.psft4j.rollout.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.CheckpointPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Java Flight Recorder sees every rollout, snapshot, step and checkpoint of a run. */
class FlightEventsTest {

    private static final String PREFIX = "io.github.psft4j.";

    @TempDir
    Path dir;

    @Test
    void aRecordingShowsWhereTheTimeOfARunGoes() throws IOException {
        CausalLm model = SampledRuns.model();
        Path file = dir.resolve("run.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            SampledRuns.trainer(model)
                    .maxSteps(8)
                    .checkpoints(CheckpointPolicy.every(4, dir.resolve("run")))
                    .build()
                    .fit(SampledRuns.source(model, SampledRuns.settings(1, false)));
            recording.stop();
            recording.dump(file);
        }
        Map<String, Long> counts = RecordingFile.readAllEvents(file).stream()
                .map(RecordedEvent::getEventType)
                .filter(type -> type.getName().startsWith(PREFIX))
                .collect(Collectors.groupingBy(
                        type -> type.getName().substring(PREFIX.length()), Collectors.counting()));
        assertEquals(Map.of("Rollout", 2L, "Snapshot", 2L, "Step", 8L, "Checkpoint", 2L), counts);
        RecordedEvent rollout = RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(PREFIX + "Rollout"))
                .findFirst()
                .orElseThrow();
        assertEquals(8, rollout.getInt("samples"));
        assertTrue(rollout.getLong("tokens") >= 8 && !rollout.getDuration().isZero());
    }
}
