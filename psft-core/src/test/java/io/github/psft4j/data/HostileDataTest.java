package io.github.psft4j.data;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.FuzzInputs;
import io.github.psft4j.data.rows.DataFormatException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hostile data files: whatever the bytes are, a file or row is read or refused with {@link DataFormatException} naming
 * it, and small files take little memory and time. Replays the inputs of {@link DataFuzzTest}.
 */
class HostileDataTest {

    private static final Path INPUTS = Path.of("src/test/resources/io/github/psft4j/data/DataFuzzTestInputs");

    @TempDir
    private static Path dir;

    static Stream<FuzzInputs.Input> jsonl() {
        return FuzzInputs.files(INPUTS.resolve("jsonl"));
    }

    static Stream<FuzzInputs.Input> parquet() {
        return FuzzInputs.files(INPUTS.resolve("parquet"));
    }

    @ParameterizedTest
    @MethodSource("jsonl")
    void jsonlIsReadOrRefusedWithItsName(FuzzInputs.Input input) throws Exception {
        replay("fuzz.jsonl", input);
    }

    @ParameterizedTest
    @MethodSource("parquet")
    void parquetIsReadOrRefusedWithItsName(FuzzInputs.Input input) throws Exception {
        replay("fuzz.parquet", input);
    }

    @Test
    void whatFuzzingKeptIsReadOrRefused() throws Exception {
        for (FuzzInputs.Input input : FuzzInputs.corpus(INPUTS.resolve("jsonl"))) {
            replay("fuzz.jsonl", input);
        }
        for (FuzzInputs.Input input : FuzzInputs.corpus(INPUTS.resolve("parquet"))) {
            replay("fuzz.parquet", input);
        }
    }

    private static void replay(String name, FuzzInputs.Input input) throws Exception {
        int made = 0;
        DataFormatException refusal = null;
        try {
            made = HostileData.examples(dir.resolve(name), input.bytes());
        } catch (DataFormatException e) {
            refusal = e;
        }
        assertTrue(!input.isGood() || refusal == null && made > 0, input + " was refused: " + refusal);
        assertTrue(!input.isBad() || made == 0, input + " was accepted");
    }
}
