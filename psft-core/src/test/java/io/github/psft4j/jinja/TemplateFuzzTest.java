package io.github.psft4j.jinja;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Searches for chat templates that end in anything but text or {@link TemplateException}, or take more time or heap
 * than the limits of a rendering allow. Runs only when asked to ({@code .ci/fuzz}); {@link HostileTemplateTest} replays
 * the inputs in every run.
 */
@EnabledIfEnvironmentVariable(named = "JAZZER_FUZZ", matches = "1")
class TemplateFuzzTest {

    @FuzzTest(maxDuration = "5m")
    void template(byte[] bytes) throws Exception {
        HostileTemplate.render(bytes);
    }
}
