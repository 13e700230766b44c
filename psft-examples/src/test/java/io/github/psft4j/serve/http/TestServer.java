package io.github.psft4j.serve.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.serve.ServeSettings;
import io.github.psft4j.serve.ServedModel;
import io.github.psft4j.transformer.generation.BatchLimits;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A server of stories260K in this process, and a client of it. */
final class TestServer implements AutoCloseable {

    static final ObjectMapper JSON = new ObjectMapper();
    private static final Path MODEL = Path.of("../psft-core/src/test/resources/models/stories260K");
    private static final Path TEMPLATE = Path.of("src/dist/share/models/stories260K/chat_template.jinja");
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(20))
            .build();

    /** What a test may change. */
    static final class Options {
        String host = "127.0.0.1";
        String apiKey;
        int slots = 4;
        int lookup;
        int queue = 1000;
        int body = 1 << 16;
        int connections = 200;
        Duration request = Duration.ofSeconds(60);
        Duration idle = Duration.ofSeconds(60);
    }

    final CausalLm lm = CausalLm.load(MODEL);
    final ServedModel model;
    final ApiServer server;

    TestServer() {
        this(new Options());
    }

    TestServer(Options o) {
        try {
            ChatTemplate template = ChatTemplate.of(Files.readString(TEMPLATE));
            Set<Integer> ends = lm.endOfSequenceIds();
            model = new ServedModel("stories", lm, template, ends, new BatchLimits(o.slots, 512, o.queue), o.lookup);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        ServeSettings settings = new ServeSettings(o.host, 0, o.apiKey, o.body, 200, o.connections, o.request, o.idle);
        try {
            server = new ApiServer(settings, model);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    int port() {
        return server.port();
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(60));
    }

    HttpResponse<String> send(HttpRequest request) throws Exception {
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws Exception {
        return send(request(path).GET().build());
    }

    HttpRequest post(String path, String body) {
        return request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
                .build();
    }

    /** The answer of a request that must succeed; quotes may be single ones. */
    JsonNode answer(String path, String body) throws Exception {
        HttpResponse<String> response = send(post(path, body));
        assertEquals(200, response.statusCode(), response.body());
        return JSON.readTree(response.body());
    }

    /** The parts of a stream, without its end mark. */
    List<JsonNode> parts(String path, String body) throws Exception {
        HttpResponse<String> response = send(post(path, body));
        assertEquals(200, response.statusCode(), response.body());
        List<JsonNode> parts = new ArrayList<>();
        String[] events = response.body().split("\n\n");
        for (String event : events) {
            assertEquals("data: ", event.substring(0, 6));
            if (!event.equals("data: [DONE]")) {
                parts.add(JSON.readTree(event.substring(6)));
            }
        }
        assertEquals("data: [DONE]", events[events.length - 1]);
        return parts;
    }

    /** A connection that has sent a request by hand. */
    Socket open(String path, String body) throws IOException {
        byte[] bytes = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        Socket socket = new Socket("127.0.0.1", port());
        socket.setSoTimeout(60_000);
        String head = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + bytes.length + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return socket;
    }

    /** A sample of a metric by its name and labels. */
    double metric(String name) throws Exception {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(0);
    }

    /** Waits until nothing is decoded and nothing waits. */
    void awaitIdle() throws Exception {
        for (long end = System.nanoTime() + 60_000_000_000L; System.nanoTime() < end; ) {
            if (model.generator().running() == 0 && model.generator().waiting() == 0) {
                return;
            }
            Thread.sleep(5);
        }
        throw new AssertionError(model.generator().running() + " sequences run and "
                + model.generator().waiting() + " wait without an end");
    }

    @Override
    public void close() {
        server.close();
        model.close();
    }
}
