package io.github.psft4j.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A setting that would change nothing in this run is refused, not passed over. */
class UselessSettingsTest {

    private static final String MODEL = "../psft-core/src/test/resources/models/stories260K";

    @TempDir
    Path dir;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            model.frozen=bf16               | model.frozen             | give lora.r
            rollout.group_size=3            | rollout.group_size       | psft trains demonstrations
            rollout_training.iterations=2   | rollout_training.iterations | psft trains demonstrations
            advantage.scale=batch           | advantage.scale          | psft trains demonstrations
            reward_kl.beta=0.1              | reward_kl.beta           | psft trains demonstrations
            critic.weight=0.5               | critic.weight            | give critic.trunk
            """)
    void aSettingOfWhatTheRunDoesNotHave(String setting, String key, String remedy) throws IOException {
        Path file = configuration();
        ConfigException e = assertThrows(ConfigException.class, () -> ConfigLoader.load(file, List.of(setting)));
        assertTrue(e.getMessage().contains(key), e.getMessage());
        assertTrue(e.getMessage().contains(remedy), e.getMessage());
    }

    /** The resolved configuration holds the defaults of all sections, and repeats the run. */
    @Test
    void defaultsSayNothing() throws IOException {
        RunConfig config = ConfigLoader.load(
                configuration(), List.of("rollout.group_size=8", "advantage.scale=group", "model.frozen=auto"));
        assertEquals("psft", config.objective().name());
    }

    @Test
    void aListIsShownAsItWasGiven() throws IOException {
        Path file = configuration();
        ConfigException e =
                assertThrows(ConfigException.class, () -> ConfigLoader.load(file, List.of("optimizer.betas=[0.9, 1]")));
        assertTrue(e.getMessage().contains("was [\"0.9\", \"1\"]"), e.getMessage());
    }

    private Path configuration() throws IOException {
        Path rows = Files.writeString(dir.resolve("rows.jsonl"), "{\"input_ids\": [1, 2], \"loss_mask\": [0, 1]}\n");
        return Files.writeString(
                dir.resolve("run.yaml"), "model: {path: '" + MODEL + "'}\ndata: {train: '" + rows + "'}\n");
    }
}
