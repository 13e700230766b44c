package io.github.psft4j.serve.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients of OpenAI's protocol rely on. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OpenAiProtocolTest {

    private static final String COMPLETIONS = "/v1/completions";
    private static final String CHAT = "/v1/chat/completions";
    private static final String HELLO = "'messages': [{'role': 'user', 'content': 'Once upon a time'}]";

    private static TestServer server;
    private static CausalLm alone; // the served one belongs to its server

    @BeforeAll
    static void start() {
        server = new TestServer();
        alone = CausalLm.load(Path.of("../psft-core/src/test/resources/models/stories260K"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void theModelIsListed() throws Exception {
        JsonNode list = TestServer.JSON.readTree(server.get("/v1/models").body());
        assertEquals("stories", list.at("/data/0/id").asText());
        assertEquals(
                "model",
                TestServer.JSON
                        .readTree(server.get("/v1/models/stories").body())
                        .path("object")
                        .asText());
        assertEquals(404, server.get("/v1/models/other").statusCode());
        assertEquals(200, server.get("/health").statusCode());
    }

    @Test
    void aGreedyCompletionIsThatOfTheLibrary() throws Exception {
        String all = alone.generate("Once upon a time", GenerationConfig.greedy(40));
        JsonNode answer = server.answer(
                COMPLETIONS, "{'model': 'stories', 'prompt': 'Once upon a time', 'max_tokens': 40, 'temperature': 0}");
        assertEquals(
                all.substring("Once upon a time".length()),
                answer.at("/choices/0/text").asText());
        assertEquals("length", answer.at("/choices/0/finish_reason").asText());
        assertEquals("text_completion", answer.path("object").asText());
        assertEquals(5, answer.at("/usage/prompt_tokens").asInt());
        assertEquals(40, answer.at("/usage/completion_tokens").asInt());
        assertEquals(45, answer.at("/usage/total_tokens").asInt());
        JsonNode ids =
                server.answer(COMPLETIONS, "{'prompt': [1, 403, 407, 261, 378], 'max_tokens': 40, 'temperature': 0}");
        assertEquals(answer.at("/choices/0/text"), ids.at("/choices/0/text"));
    }

    @Test
    void withLookupTheSameTextsComeFromProposals() throws Exception {
        TestServer.Options options = new TestServer.Options();
        options.lookup = 4;
        String body = "{'prompt': ['Once upon a time', 'The dog'], 'max_tokens': 200, 'temperature': 0}";
        try (TestServer proposing = new TestServer(options)) {
            JsonNode choices = proposing.answer(COMPLETIONS, body).path("choices");
            assertEquals(server.answer(COMPLETIONS, body).path("choices"), choices);
            double accepted = proposing.metric("psft_accepted_tokens_total");
            assertTrue(
                    accepted > 0 && accepted <= proposing.metric("psft_proposed_tokens_total"), accepted + " accepted");
        }
        assertEquals(0, server.metric("psft_proposed_tokens_total"));
    }

    @Test
    void promptsWithSamplesBecomeChoicesInTheirOrder() throws Exception {
        String body = "{'prompt': ['Once', 'The dog', 'One day'], 'max_tokens': 12, 'temperature': %s, 'n': 2,"
                + " 'seed': 5, 'echo': true}";
        JsonNode choices = server.answer(COMPLETIONS, String.format(body, "0")).path("choices");
        List<String> prompts = List.of("Once", "Once", "The dog", "The dog", "One day", "One day");
        for (int i = 0; i < 6; i++) {
            assertEquals(i, choices.get(i).path("index").asInt());
            assertTrue(choices.get(i).path("text").asText().startsWith(prompts.get(i)));
        }
        assertEquals(choices.get(2).path("text"), choices.get(3).path("text"));
        JsonNode sampled = server.answer(COMPLETIONS, String.format(body, "1")).path("choices");
        assertNotEquals(sampled.get(2).path("text"), sampled.get(3).path("text"));
        assertEquals(
                sampled, server.answer(COMPLETIONS, String.format(body, "1")).path("choices"));
        assertNotEquals(
                sampled,
                server.answer(COMPLETIONS, String.format(body.replace("'seed': 5", "'seed': 6"), "1"))
                        .path("choices"));
    }

    @Test
    void anEchoWithLogProbsScoresThePrompt() throws Exception {
        String text = "Once upon a time there was a purple bank.";
        int[] ids = alone.tokenizer().encode(text);
        float[] expected = new Scorer(alone, 1)
                .score(List.of(Demonstration.ofText(ids)))
                .get(0)
                .logProbs();
        for (int tokens : new int[] {0, 1}) {
            JsonNode choice = server.answer(
                            COMPLETIONS,
                            "{'prompt': '" + text + "', 'max_tokens': " + tokens
                                    + ", 'temperature': 0, 'logprobs': 1, 'echo': true}")
                    .at("/choices/0");
            JsonNode logProbs = choice.at("/logprobs/token_logprobs");
            JsonNode top = choice.at("/logprobs/top_logprobs");
            assertEquals(ids.length + tokens, logProbs.size());
            assertEquals(ids.length + tokens, choice.at("/logprobs/tokens").size());
            assertTrue(logProbs.get(0).isNull() && top.get(0).isNull());
            int likeliest = 0;
            for (int t = 1; t < logProbs.size(); t++) {
                double best = Double.NEGATIVE_INFINITY;
                for (JsonNode value : top.get(t)) {
                    best = Math.max(best, value.doubleValue());
                }
                assertTrue(best >= logProbs.get(t).doubleValue());
                likeliest += best == logProbs.get(t).doubleValue() ? 1 : 0; // how a client asks whether it is greedy
                if (t < ids.length) {
                    assertEquals(expected[t - 1], logProbs.get(t).doubleValue(), 1e-4);
                }
            }
            assertTrue(likeliest > 3 && likeliest < ids.length - 1, "likeliest " + likeliest);
            if (tokens == 0) {
                assertEquals(text, choice.path("text").asText());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0,false", "0,true", "1,false", "1,true"})
    void thePartsOfAStreamAddUpToTheWholeAnswer(double temperature, boolean echo) throws Exception {
        String body = "{'prompt': ['Once upon', 'One day'], 'max_tokens': 30, 'temperature': " + temperature
                + ", 'seed': 3, 'logprobs': 2, 'stop': ['the', '!'], 'echo': " + echo + "%s}";
        JsonNode whole = server.answer(COMPLETIONS, String.format(body, ""));
        List<JsonNode> parts = server.parts(
                COMPLETIONS, String.format(body, ", 'stream': true, 'stream_options': {'include_usage': true}"));
        for (int i = 0; i < 2; i++) {
            StringBuilder text = new StringBuilder();
            List<JsonNode> logProbs = new ArrayList<>();
            String finish = null;
            for (JsonNode part : parts) {
                JsonNode choice = part.at("/choices/0");
                if (choice.path("index").asInt(-1) == i) {
                    assertEquals(null, finish, "nothing comes behind the end");
                    text.append(choice.path("text").asText());
                    choice.at("/logprobs/token_logprobs").forEach(logProbs::add);
                    finish = choice.path("finish_reason").textValue();
                }
            }
            JsonNode choice = whole.path("choices").get(i);
            assertEquals(choice.path("text").asText(), text.toString());
            assertEquals(choice.at("/logprobs/token_logprobs").size(), logProbs.size());
            for (int t = 0; t < logProbs.size(); t++) { // what is decoded beside it changes the last bits
                JsonNode expected = choice.at("/logprobs/token_logprobs").get(t);
                assertEquals(expected.isNull(), logProbs.get(t).isNull());
                assertEquals(expected.asDouble(), logProbs.get(t).asDouble(), 1e-4);
            }
            assertEquals(choice.path("finish_reason").asText(), finish);
            assertTrue(finish.equals("length") || !text.toString().contains("!"));
        }
        JsonNode last = parts.get(parts.size() - 1);
        assertEquals(0, last.path("choices").size());
        assertEquals(whole.path("usage"), last.path("usage"));
    }

    @Test
    void aChatAnswersThroughTheTemplate() throws Exception {
        JsonNode answer = server.answer(
                CHAT, "{" + HELLO + ", 'max_tokens': 20, 'temperature': 0, 'logprobs': true," + " 'top_logprobs': 3}");
        assertEquals("assistant", answer.at("/choices/0/message/role").asText());
        String text = answer.at("/choices/0/message/content").asText();
        JsonNode content = answer.at("/choices/0/logprobs/content");
        assertEquals(answer.at("/usage/completion_tokens").asInt(), content.size());
        StringBuilder tokens = new StringBuilder();
        for (JsonNode token : content) {
            tokens.append(token.path("token").asText());
            assertEquals(token.path("logprob"), token.at("/top_logprobs/0/logprob")); // greedy takes the likeliest
            assertEquals(3, token.path("top_logprobs").size());
        }
        assertEquals(text.strip(), tokens.toString().strip());
        StringBuilder streamed = new StringBuilder();
        List<JsonNode> parts =
                server.parts(CHAT, "{" + HELLO + ", 'max_completion_tokens': 20, 'temperature': 0, 'stream': true}");
        assertEquals("assistant", parts.get(0).at("/choices/0/delta/role").asText());
        parts.forEach(
                part -> streamed.append(part.at("/choices/0/delta/content").asText()));
        assertEquals(text, streamed.toString());
        JsonNode inParts = server.answer(
                CHAT,
                "{'messages': [{'role': 'user', 'content': [{'type': 'text', 'text': 'Once upon a time'}]}],"
                        + " 'max_tokens': 20, 'temperature': 0}");
        assertEquals(text, inParts.at("/choices/0/message/content").asText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "complete | {'prompt': 'a', 'max_token': 3} | 400 | max_token | max_tokens",
                "complete | {'prompt': 'a', 'max_tokens': 0} | 400 | max_tokens | from 1",
                "complete | {'prompt': 'a', 'max_tokens': 1.5} | 400 | max_tokens | 1.5",
                "complete | {'prompt': 'a', 'temperature': -1} | 400 | temperature | -1",
                "complete | {'prompt': 'a', 'temperature': '1'} | 400 | temperature | number",
                "complete | {'prompt': 'a', 'temperature': 1e999} | 400 | temperature | finite",
                "complete | {'prompt': 'a', 'top_p': 0} | 400 | top_p | (0, 1]",
                "complete | {'prompt': 'a', 'n': 1000} | 400 | n | 200",
                "complete | {'prompt': ['a', 'b'], 'n': 150} | 400 | n | 200",
                "complete | {'prompt': 'a', 'stop': ['']} | 400 | stop | character",
                "complete | {'prompt': 'a', 'seed': 1.5} | 400 | seed | whole",
                "complete | {'prompt': 'a', 'stream': 1} | 400 | stream | true or false",
                "complete | {'prompt': 'a', 'logprobs': 21} | 400 | logprobs | 20",
                "complete | {'prompt': 'a', 'best_of': 3} | 400 | best_of | not supported",
                "complete | {'prompt': 'a', 'suffix': 'b'} | 400 | suffix | not supported",
                "complete | {'prompt': 'a', 'logit_bias': {'3': 1}} | 400 | logit_bias | not supported",
                "complete | {'prompt': 'a', 'presence_penalty': 0.5} | 400 | presence_penalty | repetition",
                "complete | {'prompt': [1, 512]} | 400 | prompt | 512",
                "complete | {'prompt': [1, -1]} | 400 | prompt[1] | -1",
                "complete | {'prompt': []} | 400 | prompt | no token",
                "complete | {'prompt': 7} | 400 | prompt | string",
                "complete | {} | 400 | prompt | missing",
                "complete | {'prompt': 'a', 'model': 'gpt-9'} | 404 | model | stories",
                "complete | {'prompt': 'a', 'prompt': 'b'} | 400 |  | uplicate",
                "complete | {'prompt': 'a'} x | 400 |  | JSON",
                "complete | [1] | 400 |  | object",
                "complete | `` | 400 |  | empty",
                "chat | {'messages': []} | 400 | messages | at least one",
                "chat | {'messages': [{'role': 'user', 'content': 7}]} | 400 | messages[0].content | string",
                "chat | {'messages': [{'content': 'a'}]} | 400 | messages[0].role | string",
                "chat | {'messages': [{'role': 'u', 'content': [{'type': 'x'}]}]} | 400 | messages[0].content | image",
                "chat | {HI, 'tools': [{}]} | 400 | tools | not supported",
                "chat | {HI, 'top_logprobs': 2} | 400 | top_logprobs | logprobs",
                "chat | {HI, 'response_format': {'type': 'json_object'}} | 400 | response_format | text",
                "/v1/embeddings | {} | 404 |  | /v1/completions",
                "/v1/models | {} | 405 |  | GET"
            })
    void whatIsWrongIsNamed(String path, String body, int status, String param, String says) throws Exception {
        String url = path.equals("complete") ? COMPLETIONS : path.equals("chat") ? CHAT : path;
        String sent = body == null ? "" : body.replace("HI", "'messages': [{'role': 'user', 'content': 'a'}]");
        HttpResponse<String> response = server.send(server.post(url, sent));
        JsonNode error = TestServer.JSON.readTree(response.body()).path("error");
        assertEquals(status, response.statusCode(), response.body());
        assertEquals(param, error.path("param").textValue(), response.body());
        assertTrue(error.path("message").asText().contains(says), response.body());
        assertEquals("invalid_request_error", error.path("type").asText());
    }

    @Test
    void aPromptBeyondTheContextIsRefusedAndALongAnswerEndsThere() throws Exception {
        HttpResponse<String> response =
                server.send(server.post(COMPLETIONS, "{'prompt': '" + "dog ".repeat(600) + "'}"));
        assertEquals(400, response.statusCode());
        assertTrue(response.body().contains("context_length_exceeded"), response.body());
        JsonNode answer = server.answer(
                COMPLETIONS, "{'prompt': 'Once', 'max_tokens': 100000, 'temperature': 0, 'ignore_eos': true}");
        assertEquals(512, answer.at("/usage/total_tokens").asInt());
        assertEquals("length", answer.at("/choices/0/finish_reason").asText());
    }
}
