package io.github.psft4j.serve.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.io.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is served, and what clients cannot do to others. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ApiServerTest {

    private static final String COMPLETIONS = "/v1/completions";

    /** 50,000 tokens and several megabytes of stream: far more than is computed during a test, or fits a socket. */
    private static final String LONG =
            "{'prompt': 'Once', 'max_tokens': 500, 'ignore_eos': true, 'n': 100, 'stream': true, 'logprobs': 5}";

    private static final String SHORT = "{'prompt': 'Once', 'max_tokens': 3}";

    private static TestServer.Options slots(int slots) {
        TestServer.Options options = new TestServer.Options();
        options.slots = slots;
        return options;
    }

    @Test
    void aClientThatLeavesFreesItsPlaces() throws Exception {
        try (TestServer server = new TestServer(slots(1))) {
            for (boolean stream : new boolean[] {true, false}) {
                Socket client = server.open(COMPLETIONS, stream ? LONG : LONG.replace(", 'stream': true", ""));
                if (stream) {
                    assertEquals('H', client.getInputStream().read());
                } else {
                    while (server.model.generator().running() == 0) {
                        Thread.sleep(1);
                    }
                }
                client.close();
                assertEquals(
                        3,
                        server.answer(COMPLETIONS, SHORT)
                                .at("/usage/completion_tokens")
                                .asInt());
                server.awaitIdle();
            }
            assertEquals(2, server.metric("psft_cancelled_requests_total"));
            assertTrue(server.metric("psft_generated_tokens_total") < 50_000, "both were computed to their end");
        }
    }

    @Test
    void aSlowReaderKeepsNobodyWaitingAndLosesNothing() throws Exception {
        try (TestServer server = new TestServer(slots(2));
                Socket slow = server.open(COMPLETIONS, LONG.replace("500", "40"))) {
            assertEquals('H', slow.getInputStream().read());
            assertEquals(
                    3,
                    server.answer(COMPLETIONS, SHORT)
                            .at("/usage/completion_tokens")
                            .asInt());
            server.awaitIdle(); // its tokens are there although it has not read them
            String rest = read(slow.getInputStream(), "data: [DONE]");
            assertEquals(100, rest.split("\"finish_reason\":\"length\"", -1).length - 1);
            assertEquals(100 * 40, rest.split("\"top_logprobs\":\\[\\{", -1).length - 1);
        }
    }

    private static String read(InputStream in, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        byte[] buffer = new byte[1 << 16];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            text.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
            if (text.lastIndexOf(end) >= 0) {
                return text.toString();
            }
        }
        throw new AssertionError("the connection ended before " + end);
    }

    @Test
    void anAnswerThatTakesTooLongIsCutOffAndFreesItsPlaces() throws Exception {
        TestServer.Options options = slots(1);
        options.request = Duration.ofMillis(200);
        try (TestServer server = new TestServer(options)) {
            HttpResponse<String> whole = server.send(server.post(COMPLETIONS, LONG.replace(", 'stream': true", "")));
            assertEquals(504, whole.statusCode());
            assertTrue(whole.body().contains("\"code\":\"timeout\""), whole.body());
            // Otherwise the client sends its next request into a connection that the server closes.
            assertEquals("close", whole.headers().firstValue("connection").orElse("open"));
            server.awaitIdle();
            HttpResponse<String> stream = server.send(server.post(COMPLETIONS, LONG));
            assertEquals(200, stream.statusCode());
            assertTrue(stream.body().contains("\"code\":\"timeout\""));
            assertFalse(stream.body().contains("[DONE]"));
            server.awaitIdle();
        }
    }

    @Test
    void moreThanTheQueueHoldsIsToldToComeAgain() throws Exception {
        TestServer.Options options = slots(1);
        options.queue = 100;
        try (TestServer server = new TestServer(options);
                Socket first = server.open(COMPLETIONS, LONG)) {
            assertEquals('H', first.getInputStream().read());
            HttpResponse<String> second = server.send(server.post(COMPLETIONS, LONG));
            assertEquals(503, second.statusCode());
            assertTrue(second.body().contains("engine_overloaded"), second.body());
            assertTrue(second.headers().firstValue("Retry-After").isPresent());
        }
    }

    @Test
    void aConnectionThatBringsNoWholeRequestIsClosed() throws Exception {
        TestServer.Options options = slots(1);
        options.idle = Duration.ofMillis(300);
        try (TestServer server = new TestServer(options);
                Socket drip = new Socket("127.0.0.1", server.port())) {
            drip.setSoTimeout(60_000);
            AtomicBoolean closed = new AtomicBoolean();
            Thread writer = new Thread(() -> {
                try {
                    while (!closed.get()) { // never idle, never whole
                        drip.getOutputStream().write('G');
                        Thread.sleep(20);
                    }
                } catch (IOException | InterruptedException e) {
                    closed.set(true);
                }
            });
            writer.start();
            assertTrue(endOf(drip));
            closed.set(true);
            writer.join();
        }
    }

    /** Whether the server closes the connection, orderly or not. */
    private static boolean endOf(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException e) {
            return e.getMessage().contains("reset");
        }
    }

    @Test
    void moreConnectionsThanAllowedAreRefused() throws Exception {
        TestServer.Options options = slots(1);
        options.connections = 3;
        try (TestServer server = new TestServer(options)) {
            List<Socket> open = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Socket socket = new Socket("127.0.0.1", server.port());
                socket.getOutputStream().write("GET /health HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                read(socket.getInputStream(), "ok"); // the server has counted it
                open.add(socket);
            }
            try (Socket more = new Socket("127.0.0.1", server.port())) {
                assertTrue(read(more.getInputStream(), "engine_overloaded").startsWith("HTTP/1.1 503"));
                assertTrue(endOf(more));
            }
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    @Test
    void onlyWhoHasTheKeyIsServed() throws Exception {
        TestServer.Options options = slots(1);
        options.apiKey = "secret";
        try (TestServer server = new TestServer(options)) {
            for (String path : List.of("/v1/models", "/metrics")) {
                assertEquals(401, server.get(path).statusCode());
                for (String header : List.of("Bearer wrong", "Bearer secretx", "secret", "Basic secret")) {
                    HttpRequest wrong =
                            server.request(path).header("Authorization", header).build();
                    HttpResponse<String> response = server.send(wrong);
                    assertEquals(401, response.statusCode(), header);
                    assertTrue(response.body().contains("invalid_api_key"), response.body());
                }
                HttpRequest right = server.request(path)
                        .header("Authorization", "bearer secret")
                        .build();
                assertEquals(200, server.send(right).statusCode());
            }
            assertEquals(401, server.send(server.post(COMPLETIONS, SHORT)).statusCode());
            assertEquals(200, server.get("/health").statusCode());
        }
    }

    @Test
    void anOpenAddressNeedsAKey() {
        TestServer.Options options = slots(1);
        options.host = "0.0.0.0";
        String message = assertThrows(RefusedException.class, () -> new TestServer(options).close())
                .getMessage();
        assertTrue(message.contains("PSFT_API_KEY"), message);
        options.apiKey = "secret";
        new TestServer(options).close();
    }

    /** Web pages of other sites can send requests to a browser's own machine. */
    @Test
    void withoutAKeyNoWebPageOfAnotherSiteIsServed() throws Exception {
        try (TestServer server = new TestServer(slots(1))) {
            HttpRequest form = server.request(COMPLETIONS)
                    .header("Content-Type", "text/plain")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\": \"a\"}"))
                    .build();
            assertEquals(415, server.send(form).statusCode());
            assertTrue(raw(server, "GET /v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n")
                    .startsWith("HTTP/1.1 403"));
            assertTrue(raw(server, "GET /v1/models HTTP/1.1\r\nHost: localhost:80\r\n\r\n")
                    .startsWith("HTTP/1.1 200"));
        }
    }

    @Test
    void whatIsNoRequestOrTooLargeGetsAnErrorInJson() throws Exception {
        TestServer.Options options = slots(1);
        options.body = 1000;
        try (TestServer server = new TestServer(options)) {
            String large = raw(
                    server,
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Length: 1001\r\n\r\n");
            assertTrue(large.startsWith("HTTP/1.1 413") && large.contains("body_too_large"), large);
            String chunked = raw(
                    server,
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n400\r\n" + "x".repeat(1024) + "\r\n");
            assertTrue(chunked.startsWith("HTTP/1.1 413"), chunked);
            String noise = raw(server, "\u0001\u0002 nonsense\r\n\r\n");
            assertTrue(noise.startsWith("HTTP/1.1 400") && noise.contains("invalid_request_error"), noise);
            server.awaitIdle();
            assertEquals(
                    3,
                    server.answer(COMPLETIONS, SHORT)
                            .at("/usage/completion_tokens")
                            .asInt());
        }
    }

    private static String raw(TestServer server, String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return read(socket.getInputStream(), "}");
        }
    }

    @Test
    void stoppingAnswersWhatIsThereAndTakesNothingMore() throws Exception {
        try (TestServer server = new TestServer(slots(2))) {
            Socket kept = server.open(COMPLETIONS, LONG.replace("100", "4"));
            assertEquals('H', kept.getInputStream().read());
            CompletableFuture<Boolean> stopped = new CompletableFuture<>();
            new Thread(() -> {
                        try {
                            stopped.complete(server.server.stop(Duration.ofSeconds(60)));
                        } catch (InterruptedException | RuntimeException e) {
                            stopped.completeExceptionally(e);
                        }
                    })
                    .start();
            String rest = read(kept.getInputStream(), "data: [DONE]");
            assertEquals(4, rest.split("\"finish_reason\":\"length\"", -1).length - 1);
            assertTrue(stopped.get());
            assertThrows(ConnectException.class, () -> new Socket("127.0.0.1", server.port()));
            server.server.close(); // a second time
        }
        try (TestServer server = new TestServer(slots(1))) {
            Socket cut = server.open(COMPLETIONS, LONG);
            assertEquals('H', cut.getInputStream().read());
            assertFalse(server.server.stop(Duration.ofMillis(100)));
            server.model.close();
        }
    }

    @Test
    void metricsCountWhatHappened() throws Exception {
        try (TestServer server = new TestServer(slots(1))) {
            server.answer(COMPLETIONS, SHORT);
            server.answer(COMPLETIONS, SHORT.replace("}", ", 'n': 2}"));
            server.send(server.post(COMPLETIONS, "{}"));
            assertEquals(2, server.metric("psft_requests_total{endpoint=\"/v1/completions\",status=\"200\"}"));
            assertEquals(1, server.metric("psft_requests_total{endpoint=\"/v1/completions\",status=\"400\"}"));
            assertEquals(9, server.metric("psft_generated_tokens_total"));
            assertEquals(4, server.metric("psft_prompt_tokens_total"));
            assertEquals(2, server.metric("psft_time_to_first_token_seconds_count"));
            assertEquals(0, server.metric("psft_running_sequences"));
            for (int i = 0; i < 5; i++) { // no client makes new series
                server.get("/v1/" + i);
                server.send(server.post("/v1/models/" + i, "{}"));
            }
            assertEquals(5, server.metric("psft_requests_total{endpoint=\"other\",status=\"404\"}"));
            assertEquals(5, server.metric("psft_requests_total{endpoint=\"/v1/models\",status=\"405\"}"));
        }
    }

    /** Cancels, slow readers, broken requests and whole ones at once; the same program runs at full size by hand. */
    @Test
    void aMixOfClientsLeavesNothingBehind() throws Exception {
        try (TestServer server = new TestServer(slots(8))) {
            ServeLoad load = new ServeLoad(server.port(), 12, 7);
            load.run(300);
            assertEquals(List.of(), load.faults());
            assertTrue(load.count("whole") > 50 && load.count("cancel") > 20 && load.count("malformed") > 20);
            server.awaitIdle();
            assertEquals(1, server.metric("psft_connections"));
        }
    }
}
