package io.github.psft4j.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.FuzzInputs;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hostile templates end in text or {@link TemplateException}, within the time and heap that the limits allow. Replays
 * the inputs of {@link TemplateFuzzTest}: ok-* must render, bad-* must not.
 */
class HostileTemplateTest {

    private static final Path INPUTS =
            Path.of("src/test/resources/io/github/psft4j/jinja/TemplateFuzzTestInputs/template");

    static Stream<FuzzInputs.Input> inputs() {
        return FuzzInputs.files(INPUTS);
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void aTemplateIsRenderedOrStopped(FuzzInputs.Input input) throws Exception {
        boolean rendered = HostileTemplate.render(input.bytes());
        if (input.isGood() || input.isBad()) {
            assertEquals(input.isGood(), rendered, input.name());
        }
    }

    @Test
    void whatFuzzingKeptIsRenderedOrStopped() throws Exception {
        for (FuzzInputs.Input input : FuzzInputs.corpus(INPUTS)) {
            HostileTemplate.render(input.bytes());
        }
    }
}
