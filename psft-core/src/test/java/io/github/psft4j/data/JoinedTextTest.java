package io.github.psft4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.hf.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Prompt and completion are one text, with a tokenizer that puts a space before every text of its own. */
class JoinedTextTest {
    private static final Tokenizer SPACES = Tokenizer.load(Path.of("src/test/resources/models/stories260K"));
    private static final int END = SPACES.eosTokenId().orElseThrow();

    @TempDir
    Path dir;

    private Demonstration pair(Tokenizer tokenizer, String prompt, String completion) throws Exception {
        return read(tokenizer, Map.of("prompt", prompt, "completion", completion));
    }

    private Demonstration read(Tokenizer tokenizer, Map<String, String> row) throws Exception {
        Path file = Files.writeString(dir.resolve("rows.jsonl"), new ObjectMapper().writeValueAsString(row) + "\n");
        try (DemonstrationSet set =
                DemonstrationFiles.read(DataOptions.builder(file).threads(1).build(), tokenizer, null)) {
            return set.get(0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"\"2 + 3 =\", \" 5\"", "\"Name:\", \" Ada\"", "\"Once upon a\", \" time\"", "\"a\n\", \"b\""})
    void idsAreThoseOfTheJoinedTextWhereATokenEndsWithThePrompt(String prompt, String completion) throws Exception {
        Demonstration d = pair(SPACES, prompt, completion);
        int[] joined = SPACES.encode(prompt + completion);
        assertArrayEquals(joined, Arrays.copyOf(d.tokens(), d.length() - 1));
        assertEquals(END, d.tokens()[d.length() - 1]);
        int prompted = SPACES.encode(prompt).length;
        for (int i = 0; i < d.length(); i++) {
            assertEquals(i >= prompted, d.lossMask()[i], "token " + i);
        }
    }

    /** "ti" and "me" would be one token: the prompt keeps the ids that it has when the model is asked. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"\"Once upon a ti\", \"me\"", "\"She said: \", \"yes\"", "\"Lily a\", \"nd Tom\"", "\"x \", \" y\""
            })
    void theDecodedTextIsPromptAndCompletionWhereNoTokenEndsWithThePrompt(String prompt, String completion)
            throws Exception {
        for (Tokenizer tokenizer : List.of(SPACES, DataFixtures.TOKENIZER)) {
            Demonstration d = pair(tokenizer, prompt, completion);
            int[] alone = tokenizer.encode(prompt);
            assertArrayEquals(alone, Arrays.copyOf(d.tokens(), alone.length));
            String end = tokenizer.decode(tokenizer.eosTokenId().orElseThrow());
            assertEquals(tokenizer.decode(tokenizer.encode(prompt + completion)) + end, tokenizer.decode(d.tokens()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"<s>Once upon a time.</s>", "Once upon a time.", "<s>Once upon a time.</s>\n"})
    void aTextHasOneBeginningAndOneEnd(String text) throws Exception {
        int begin = SPACES.tokenId("<s>").orElseThrow();
        for (Demonstration d :
                List.of(read(SPACES, Map.of("text", text)), pair(SPACES, text.substring(0, 10), text.substring(10)))) {
            assertEquals(1, Arrays.stream(d.tokens()).filter(id -> id == begin).count(), text);
            assertEquals(1, Arrays.stream(d.tokens()).filter(id -> id == END).count(), text);
            assertEquals(begin, d.tokens()[0]);
            assertFalse(d.lossMask()[0]);
        }
    }

    @Test
    void aPromptThatIsEmptyTrainsTheWholeCompletion() throws Exception {
        Demonstration d = pair(SPACES, "", "Once upon a time.");
        assertEquals(d.length() - 1, d.trainedTokens());
    }
}
