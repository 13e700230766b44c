package io.github.psft4j.eval.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.github.psft4j.eval.task.EvalPrompt;
import io.github.psft4j.eval.task.GenerationSettings;
import io.github.psft4j.io.RefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests as OpenAI's servers take them, and answers as they give them, with what can go wrong. */
class OpenAiBackendTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private record Reply(int code, String body) {}

    private final Queue<JsonNode> bodies = new ConcurrentLinkedQueue<>();
    private Function<JsonNode, Reply> server;
    private HttpServer http;
    private String base;

    @BeforeEach
    void start() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/v1/", exchange -> {
            byte[] sent = exchange.getRequestBody().readAllBytes();
            JsonNode body = sent.length == 0 ? JSON.createObjectNode() : JSON.readTree(sent);
            bodies.add(body);
            Reply reply = server.apply(body);
            byte[] text = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Retry-After", "0");
            exchange.sendResponseHeaders(reply.code(), text.length);
            exchange.getResponseBody().write(text);
            exchange.close();
        });
        http.start();
        base = "http://127.0.0.1:" + http.getAddress().getPort() + "/v1";
    }

    @AfterEach
    void stop() {
        http.stop(0);
    }

    private OpenAiBackend backend() {
        return OpenAiBackend.connect(base, "m", null, true, 3, Duration.ofSeconds(20), 2);
    }

    private static Reply chat(String text) {
        return new Reply(200, """
                {"choices": [{"message": {"role": "assistant", "content": "%s"}, "finish_reason": "length"}],
                 "usage": {"completion_tokens": 5}}""".formatted(text));
    }

    private Map<Integer, List<Completion>> ask(int questions, GenerationSettings settings) {
        List<CompletionRequest> requests = java.util.stream.IntStream.range(0, questions)
                .mapToObj(i -> new CompletionRequest(
                        i,
                        new EvalPrompt(List.of(Map.of("role", "user", "content", "q" + i)), null),
                        new long[] {10 + i, 20 + i}))
                .toList();
        Map<Integer, List<Completion>> out = new TreeMap<>();
        try (OpenAiBackend backend = backend()) {
            backend.complete(requests, settings, out::put);
        }
        return out;
    }

    private static GenerationSettings two(int topK) {
        return new GenerationSettings(2, 7, 0.5, 0.9, topK, 0, List.of("\n"));
    }

    @Test
    void everySampleIsARequestWithItsOwnSeedAndAllSettings() {
        server = body -> chat(body.at("/messages/0/content").asText() + "/" + body.get("seed"));
        Map<Integer, List<Completion>> answers = ask(9, two(0));
        for (int i = 0; i < 9; i++) {
            assertEquals("q" + i + "/" + (10 + i), answers.get(i).get(0).text());
            assertEquals("q" + i + "/" + (20 + i), answers.get(i).get(1).text());
            assertEquals(Completion.LENGTH, answers.get(i).get(0).finish());
            assertEquals(5, answers.get(i).get(0).tokens());
        }
        for (JsonNode body : bodies) {
            assertEquals("m", body.get("model").asText());
            assertEquals(7, body.get("max_tokens").asInt());
            assertEquals(0.5, body.get("temperature").asDouble());
            assertEquals(0.9, body.get("top_p").asDouble());
            assertEquals("[\"\\n\"]", body.get("stop").toString());
            assertTrue(!body.has("top_k"), "OpenAI refuses a field that it does not know");
        }
        ask(1, two(4));
        assertTrue(bodies.stream().anyMatch(body -> body.path("top_k").asInt() == 4));
    }

    @Test
    void aBusyServerIsAskedAgainAndARefusedRequestIsAnErrorOfItsQuestion() {
        AtomicInteger busy = new AtomicInteger(3);
        server = body -> body.at("/messages/0/content").asText().equals("q2")
                ? new Reply(400, "{\"error\": {\"message\": \"too long\"}}")
                : busy.getAndDecrement() > 0 ? new Reply(429, "") : chat("a");
        Map<Integer, List<Completion>> answers = ask(4, two(0));
        assertTrue(
                answers.get(2).get(0).error().contains("code 400"),
                answers.get(2).get(0).error());
        assertTrue(
                answers.get(2).get(0).error().contains("too long"),
                answers.get(2).get(0).error());
        for (int i : List.of(0, 1, 3)) {
            assertNull(answers.get(i).get(0).error());
        }
    }

    @Test
    void aKeyThatIsRefusedEndsTheEvaluation() {
        server = body -> new Reply(401, "no key");
        String message =
                assertThrows(RefusedException.class, () -> ask(4, two(0))).getMessage();
        assertTrue(message.contains("401") && message.contains("--api-key-variable"), message);
    }

    @Test
    void theOnlyModelOfAnEndpointNeedsNoName() {
        server = body -> new Reply(200, "{\"data\": [{\"id\": \"alone\"}]}");
        assertEquals(
                "alone",
                OpenAiBackend.connect(base, null, null, true, 1, Duration.ofSeconds(20), 0)
                        .identity()
                        .get("model"));
    }

    /** Tokens are counted: those of the prompt, and not the one that was generated, are left out. */
    @Test
    void onlyTheTokensOfTheContinuationAreRated() {
        server = body -> new Reply(200, body.has("echo") ? """
                {"choices": [{"text": "x", "logprobs": {"token_logprobs": [null, -1.0, -2.0, -0.25, -0.5, -9.0]}}],
                 "usage": {"prompt_tokens": 5}}""" : """
                {"choices": [{"text": "x"}], "usage": {"prompt_tokens": 3}}""");
        Map<Integer, List<LogLikelihood>> out = new TreeMap<>();
        try (OpenAiBackend backend = backend()) {
            backend.rate(List.of(new RatingRequest(new EvalPrompt(null, "Hi \ud83d\ude00"), List.of(" A!"))), out::put);
        }
        assertEquals(new LogLikelihood(-0.75, 2, null), out.get(0).get(0)); // without the token that was generated
        assertEquals(
                List.of("Hi \ud83d\ude00", "Hi \ud83d\ude00 A!"),
                bodies.stream().map(body -> body.get("prompt").asText()).toList());
    }
}
