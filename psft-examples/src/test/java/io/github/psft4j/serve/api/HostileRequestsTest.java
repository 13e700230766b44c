package io.github.psft4j.serve.api;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.io.Shown;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.serve.ServedModel;
import io.github.psft4j.transformer.generation.BatchLimits;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HostileRequestsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int REQUESTS = Integer.getInteger("psft.fuzz.requests", 20_000);

    private static final List<String> VALID = List.of(
            "{'model': 'm', 'prompt': 'Once', 'max_tokens': 3, 'temperature': 0.5, 'top_p': 0.9, 'n': 2, 'seed': 1,"
                    + " 'stop': ['a', 'b'], 'logprobs': 2, 'echo': true, 'stream': true,"
                    + " 'stream_options': {'include_usage': true}, 'top_k': 3, 'min_p': 0.1,"
                    + " 'stop_token_ids': [4]}",
            "{'messages': [{'role': 'user', 'content': 'Hi'}, {'role': 'assistant', 'content':"
                    + " [{'type': 'text', 'text': 'Yes?'}]}, {'role': 'user', 'content': 'No'}],"
                    + " 'max_completion_tokens': 4, 'logprobs': true, 'top_logprobs': 3, 'tools': [],"
                    + " 'chat_template_kwargs': {'a': 1}, 'response_format': {'type': 'text'}}");

    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "0",
            "-1",
            "1e400",
            "-0.0",
            "1e-320",
            "9223372036854775808",
            "0.1",
            "''",
            "'a'",
            "'\\u0000'",
            "'\\ud800'",
            "[]",
            "[[]]",
            "[null]",
            "[1, 2]",
            "['a', 1]",
            "{}",
            "{'type': 'text'}",
            "{'a': {'b': []}}",
            "[{'role': 'system', 'content': null}]",
            "'" + "x".repeat(3000) + "'",
            "[" + "1,".repeat(3000) + "1]");

    /** Whatever a client sends is read, or refused with a status of its own fault; nothing is a fault of the server. */
    @Test
    void whateverIsSentIsReadOrRefusedAsTheClientsFault() throws Exception {
        Path stories = Path.of("../psft-core/src/test/resources/models/stories260K");
        ChatTemplate template =
                ChatTemplate.of(Files.readString(Path.of("src/dist/share/models/stories260K/chat_template.jinja")));
        CausalLm lm = CausalLm.load(stories);
        Map<Integer, Integer> statuses = new TreeMap<>();
        try (ServedModel model =
                new ServedModel("m", lm, template, lm.endOfSequenceIds(), new BatchLimits(1, 512, 1), 0)) {
            for (int i = 0; i < REQUESTS; i++) {
                SplittableRandom random = new SplittableRandom(i);
                Endpoint endpoint = Endpoint.values()[random.nextInt(2)];
                byte[] body = changed(random);
                int status = 200;
                try {
                    endpoint.read(body, model, 100);
                } catch (ApiException e) {
                    status = e.status();
                    assertTrue(
                            status >= 400 && status < 500,
                            () -> e + ": " + Shown.wide(new String(body, StandardCharsets.UTF_8)));
                    JSON.readTree(e.json().toString());
                } catch (RuntimeException | StackOverflowError e) {
                    throw new AssertionError(
                            "request " + i + ": " + Shown.wide(new String(body, StandardCharsets.UTF_8)), e);
                }
                statuses.merge(status, 1, Integer::sum);
            }
        }
        assertTrue(statuses.get(200) > REQUESTS / 50 && statuses.get(400) > REQUESTS / 10, statuses.toString());
    }

    private static byte[] changed(SplittableRandom random) throws Exception {
        ObjectNode json = (ObjectNode)
                JSON.readTree(VALID.get(random.nextInt(VALID.size())).replace('\'', '"'));
        for (int n = random.nextInt(3); n > 0; n--) {
            List<String> names = new ArrayList<>();
            json.fieldNames().forEachRemaining(names::add);
            if (names.isEmpty()) {
                break;
            }
            String name = names.get(random.nextInt(names.size()));
            String value = VALUES.get(random.nextInt(VALUES.size())).replace('\'', '"');
            JsonNode parsed = JSON.readTree(value);
            if (random.nextInt(4) == 0) {
                json.remove(name);
            } else if (random.nextInt(6) == 0) {
                json.set(name + "x", parsed);
            } else {
                json.set(name, parsed);
            }
        }
        byte[] body = json.toString().getBytes(StandardCharsets.UTF_8);
        if (random.nextInt(5) == 0) { // noise in the bytes themselves
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
        }
        if (random.nextInt(50) == 0) {
            return "[".repeat(random.nextInt(100_000)).getBytes(StandardCharsets.UTF_8);
        }
        return body;
    }
}
