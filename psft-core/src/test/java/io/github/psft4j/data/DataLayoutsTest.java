package io.github.psft4j.data;

import static io.github.psft4j.data.DataFixtures.DIR;
import static io.github.psft4j.data.DataFixtures.MODEL;
import static io.github.psft4j.data.DataFixtures.TOKENIZER;
import static io.github.psft4j.data.DataFixtures.expected;
import static io.github.psft4j.data.DataFixtures.read;
import static io.github.psft4j.data.DataFixtures.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.encode.TextSpan;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.options.LossOn;
import io.github.psft4j.hf.text.ChatTemplate;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens and masks of every layout against transformers ({@code make_fixtures.py}). */
class DataLayoutsTest {

    @TempDir
    Path dir;

    @ParameterizedTest
    @CsvSource({
        "question-answer.jsonl, QUESTION_ANSWER",
        "prompt-completion.jsonl, PROMPT_COMPLETION",
        "prompt-completion-messages.jsonl, PROMPT_COMPLETION",
        "prompt-demonstration.jsonl, PROMPT_DEMONSTRATION",
        "messages.jsonl, MESSAGES",
        "text.jsonl, TEXT",
        "tokens.jsonl, TOKENS"
    })
    void everyLayoutIsRecognisedAndGivesTheTokensAndMasksOfTransformers(String file, Layout layout) throws Exception {
        assertEquals(expected(file), read(DataOptions.builder(DIR.resolve(file))));
        assertEquals(
                layout,
                DataFixtures.report(DataOptions.builder(DIR.resolve(file))).layout());
    }

    @ParameterizedTest
    @CsvSource({
        "prompt-demonstration.snappy.parquet, prompt-demonstration.jsonl",
        "prompt-demonstration.zstd.parquet, prompt-demonstration.jsonl",
        "prompt-demonstration.gzip.parquet, prompt-demonstration.jsonl",
        "prompt-demonstration.none.parquet, prompt-demonstration.jsonl",
        "messages.v2.parquet, messages.jsonl",
        "tokens.v2.parquet, tokens.jsonl"
    })
    void parquetGivesWhatTheSameRowsGiveAsJsonl(String parquet, String jsonl) throws Exception {
        assertEquals(expected(jsonl), read(DataOptions.builder(DIR.resolve(parquet))));
    }

    @Test
    void nullsAndNestedListsOfParquetAreThoseOfTheSameRowsInJson() {
        List<String> json = rows("nested.jsonl");
        assertEquals(3, json.size());
        assertEquals(json, rows("nested.parquet"));
    }

    /** As text, in which 64-bit numbers are equal to 32-bit ones. */
    private static List<String> rows(String file) {
        List<String> rows = new ArrayList<>();
        try (RawRows source = RawRows.open(List.of(DIR.resolve(file)))) {
            source.forEachRemaining(row -> rows.add(row.fields().toString()));
        }
        return rows;
    }

    /** Parquet gives every message every field; a template that asks whether a field is there must not find it. */
    @Test
    void fieldsOfMessagesThatAreNullAreNotThere() throws Exception {
        ChatTemplate asking = ChatTemplate.of(
                "{% for m in messages %}{{ m.content }}{% if m.tool_calls is defined %}CALLS{% endif %}{% endfor %}");
        Path file = write(
                dir,
                "calls.jsonl",
                "{\"messages\": [{\"role\": \"assistant\", \"content\": \"a b\", \"tool_calls\": null}]}\n");
        Demonstration d = read(DataOptions.builder(file), asking).get(0);
        assertEquals("a b<|im_end|>", TOKENIZER.decode(d.tokens()));
    }

    @Test
    void completionOfAConversationIsItsLastMessageWithItsEnd() throws Exception {
        assertEquals(
                expected("messages.jsonl, completion"),
                read(DataOptions.builder(DIR.resolve("messages.jsonl")).lossOn(LossOn.COMPLETION)));
    }

    @Test
    void aTemplateWithoutGenerationMarksGivesTheMaskOfTheSameTemplateWithThem() throws Exception {
        String marked = Files.readString(MODEL.resolve("chat_template.jinja"));
        String bare = marked.replace("{%- generation -%}", "").replace("{%- endgeneration -%}", "");
        assertFalse(bare.contains("generation -%}"));
        assertEquals(
                expected("messages.jsonl"),
                read(DataOptions.builder(DIR.resolve("messages.jsonl")), ChatTemplate.of(bare)));
    }

    @Test
    void allTokensAreTrainedWhenAskedFor() throws Exception {
        for (String file : List.of("prompt-completion.jsonl", "messages.jsonl", "tokens.jsonl")) {
            List<Demonstration> all =
                    read(DataOptions.builder(DIR.resolve(file)).lossOn(LossOn.ALL));
            List<Demonstration> some = expected(file);
            for (int i = 0; i < all.size(); i++) {
                assertArrayEquals(some.get(i).tokens(), all.get(i).tokens(), file);
                assertEquals(all.get(i).length() - 1, all.get(i).trainedTokens(), file);
            }
        }
    }

    @Test
    void endOfSequenceIsAppendedOnceAndTrainedOrNotAtAll() throws Exception {
        int eos = TOKENIZER.eosTokenId().orElseThrow();
        Path file = write(dir, "eos.jsonl", """
                {"prompt": "Say yes.", "completion": "yes"}
                {"prompt": "Say yes.", "completion": "yes<|im_end|>"}
                """);
        List<Demonstration> with = read(DataOptions.builder(file));
        assertEquals(with.get(0), with.get(1));
        int last = with.get(0).length() - 1;
        assertEquals(eos, with.get(0).tokens()[last]);
        assertTrue(with.get(0).lossMask()[last]);
        List<Demonstration> without = read(DataOptions.builder(file).appendEos(false));
        assertEquals(last, without.get(0).length());
        assertEquals(with.get(1), without.get(1));
        List<Demonstration> other = read(DataOptions.builder(file).eosTokenId(7));
        assertEquals(7, other.get(0).tokens()[last]);
    }

    @Test
    void aTemplateThatWritesNoEndGetsOneAndItsPartsEndWhereTheUserSpeaks() throws Exception {
        ChatTemplate bare = ChatTemplate.of("{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}"
                + "{% if add_generation_prompt %}[assistant]{% endif %}");
        Path file = write(dir, "chat.jsonl", """
                {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},
                 {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]}
                """.replace(",\n", ","));
        Demonstration d = read(DataOptions.builder(file), bare).get(0);
        assertEquals(TOKENIZER.eosTokenId().orElseThrow(), d.tokens()[d.length() - 1]);
        List<TextSpan> spans = TextSpan.of(d, TOKENIZER);
        assertEquals(
                List.of("[user] a\n[assistant]", " b\n", "[user] c\n[assistant]", " d\n<|im_end|>"),
                spans.stream().map(TextSpan::text).toList());
        assertEquals(
                List.of(false, true, false, true),
                spans.stream().map(TextSpan::trained).toList());
    }

    @Test
    void aStringPromptCanBecomeAUserMessage() throws Exception {
        Path strings = write(dir, "strings.jsonl", "{\"question\": \"What is 2 + 3?\", \"answer\": \"5\"}\n");
        Path messages = write(
                dir,
                "messages.jsonl",
                "{\"prompt\": [{\"role\": \"user\", \"content\": \"What is 2 + 3?\"}], \"completion\": \"5\"}\n");
        assertEquals(
                read(DataOptions.builder(messages)),
                read(DataOptions.builder(strings).promptAsUserMessage(true)));
    }

    @Test
    void mappedColumnsReadAsIfTheyHadTheNamesOfTheLayout() throws Exception {
        Path file = write(
                dir,
                "mapped.jsonl",
                "{\"problem\": \"What is 2 + 3?\", \"solution\": \"2 + 3 = 5\\n#### 5\", \"w\": 0.25}\n");
        DataOptions.Builder options =
                DataOptions.builder(file).column("question", "problem").column("answer", "solution");
        assertEquals(expected("question-answer.jsonl").subList(0, 1), read(options));
        try (DemonstrationSet set =
                DemonstrationFiles.read(options.column("weight", "w").build(), TOKENIZER, null)) {
            assertEquals(0.25, set.weight(0));
            assertTrue(set.hasWeights());
        }
    }

    /**
     * A file, the same compressed, with CR LF and a byte order mark, without a line feed at the end, in a directory.
     */
    @ParameterizedTest
    @ValueSource(strings = {"gzip", "windows", "no line feed", "directory"})
    void theFormOfAFileDoesNotMatter(String form) throws Exception {
        String text = Files.readString(DIR.resolve("question-answer.jsonl"));
        Path file = dir.resolve("rows.jsonl.gz");
        switch (form) {
            case "gzip" -> {
                try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
                    out.write(text.getBytes("UTF-8"));
                }
            }
            case "windows" -> Files.writeString(file, "\ufeff" + text.replace("\n", "\r\n") + "\r\n  \r\n");
            case "no line feed" -> Files.writeString(file, text.strip());
            default -> {
                int cut = text.indexOf('\n', text.length() / 2) + 1;
                write(dir, "b.jsonl", text.substring(cut));
                write(dir, "a.jsonl", text.substring(0, cut));
                write(dir, "README.md", "not data");
                file = dir;
            }
        }
        assertEquals(expected("question-answer.jsonl"), read(DataOptions.builder(file)));
    }
}
