package io.github.psft4j.hf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every id that ends a text in transformers ends it here. */
class EndOfSequenceTest {

    @TempDir
    private Path dir;

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {
                "{\"eos_token_id\": [151645, 151643]}; {\"eos_token_id\": 7}; 151645 151643",
                "{\"eos_token_id\": 5}; {\"eos_token_id\": [7, 8]}; 5",
                "-; {\"eos_token_id\": [7, 8]}; 7 8",
                "{\"temperature\": 1}; {\"eos_token_id\": 7}; 7",
                "{\"eos_token_id\": null}; {}; ''"
            })
    void idsOfTheGenerationConfigGoFirstAndListsCountInFull(String generation, String config, String ids)
            throws IOException {
        if (generation != null) {
            Files.writeString(dir.resolve("generation_config.json"), generation);
        }
        Files.writeString(dir.resolve("config.json"), config);
        assertEquals(ids, EndOfSequence.ids(dir).stream().map(String::valueOf).collect(Collectors.joining(" ")));
    }
}
