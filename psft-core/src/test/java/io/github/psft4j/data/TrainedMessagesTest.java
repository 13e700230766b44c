package io.github.psft4j.data;

import static io.github.psft4j.data.DataFixtures.MODEL;
import static io.github.psft4j.data.DataFixtures.TEMPLATE;
import static io.github.psft4j.data.DataFixtures.TOKENIZER;
import static io.github.psft4j.data.DataFixtures.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.encode.TextSpan;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.LossOn;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.hf.text.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a message says about its own training is honoured, in the spellings of the tools that write it. */
class TrainedMessagesTest {

    @TempDir
    Path dir;

    private Path row(String first, String second) throws Exception {
        return Files.writeString(
                dir.resolve("rows.jsonl"),
                ("{'messages': [{'role': 'user', 'content': 'a'}, {'role': 'assistant', 'content': 'wrong'%s},"
                                + " {'role': 'user', 'content': 'b'}, {'role': 'assistant', 'content':"
                                + " 'right'%s}]}\n")
                        .formatted(first, second)
                        .replace('\'', '"'));
    }

    private static List<String> trained(Path file, ChatTemplate template, LossOn lossOn) {
        Demonstration d =
                read(DataOptions.builder(file).lossOn(lossOn), template).get(0);
        return TextSpan.of(d, TOKENIZER).stream()
                .filter(TextSpan::trained)
                .map(TextSpan::text)
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ", 'weight': 0 | , 'weight': 1",
                ", 'weight': 0.0 |",
                ", 'train': false |",
                ", 'training': false | , 'training': true",
                ", 'loss': false | , 'loss': true",
                ", 'loss_mask': 0 | , 'loss_mask': 1",
                ", 'trainable': false |"
            })
    void anAnswerThatSaysSoIsContextOnly(String first, String second) throws Exception {
        Path file = row("," + first.strip().substring(1), second == null ? "" : second);
        assertEquals(List.of("right<|im_end|>"), trained(file, TEMPLATE, LossOn.AUTO));
        String bare = Files.readString(MODEL.resolve("chat_template.jinja"))
                .replace("{%- generation -%}", "")
                .replace("{%- endgeneration -%}", "");
        List<String> unmarked = trained(file, ChatTemplate.of(bare), LossOn.AUTO);
        assertEquals(1, unmarked.size(), unmarked.toString());
        assertTrue(unmarked.get(0).startsWith("right<|im_end|>"), unmarked.toString());
    }

    @Test
    void evenWhereAllTokensAreTrainedAnAnswerThatIsContextIsNot() throws Exception {
        String all = String.join("", trained(row(", 'weight': 0", ""), TEMPLATE, LossOn.ALL));
        assertTrue(all.contains("right") && !all.contains("wrong"), all);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {", 'weight': 0.5", ", 'train': 'no'", ", 'weight': 0, 'train': true", ", 'loss_mask': [0, 1]"})
    void aFlagThatIsNoFlagIsRefused(String flag) throws Exception {
        Path file = row(flag, "");
        String message = assertThrows(DataFormatException.class, () -> trained(file, TEMPLATE, LossOn.AUTO))
                .getMessage();
        assertTrue(message.contains("rows.jsonl:1: field 'messages' message 2 "), message);
    }

    @Test
    void aUserThatAsksToBeTrainedIsRefused() throws Exception {
        Path file = Files.writeString(
                dir.resolve("rows.jsonl"),
                ("{'messages': [{'role': 'user', 'content': 'a', 'train': true},"
                                + " {'role': 'assistant', 'content': 'b'}]}\n")
                        .replace('\'', '"'));
        String message = assertThrows(DataFormatException.class, () -> trained(file, TEMPLATE, LossOn.AUTO))
                .getMessage();
        assertTrue(message.contains("message 1 of the role 'user' asks to be trained"), message);
    }
}
