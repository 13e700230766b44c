package io.github.psft4j.monitor.mlflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.github.psft4j.monitor.Steps;
import io.github.psft4j.monitor.event.Evaluation;
import io.github.psft4j.train.TrainingPlan;
import io.github.psft4j.train.TrainingSummary;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs arrive in MLflow's file layout and at its REST interface, whole even if they are broken off. */
class MlflowTest {

    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(1_795_269_000_250L), ZoneOffset.UTC);
    private static final TrainingPlan PLAN = new TrainingPlan("psft", 2, 2, 0, 24, 100);

    private static void run(MlflowStore store, boolean toTheEnd) {
        MlflowListener listener = new MlflowListener(store, "it's a test", "run 1", Map.of("lr", "1e-4"), CLOCK);
        listener.onStart(PLAN);
        listener.onEvaluation(new Evaluation(0, 2, 0.7, 9, 0.1, List.of()));
        listener.onStep(Steps.step(1).nll(2.5).build());
        listener.onStep(Steps.step(2).nll(Double.NaN).build());
        if (toTheEnd) {
            listener.onEnd(new TrainingSummary(2, 0, null, 1));
        }
        listener.close();
    }

    @Test
    void theFileStoreHoldsTheRunInMlflowsLayout(@TempDir Path dir) throws Exception {
        run(new MlflowFileStore(dir.resolve("mlruns")), true);
        run(new MlflowFileStore(dir.resolve("mlruns")), false);
        Path experiment = only(dir.resolve("mlruns"));
        assertTrue(Files.readString(experiment.resolve("meta.yaml")).contains("name: 'it''s a test'\n"));
        List<String> ends = new ArrayList<>();
        try (Stream<Path> runs = Files.list(experiment).filter(Files::isDirectory)) {
            for (Path run : runs.toList()) {
                String meta = Files.readString(run.resolve("meta.yaml"));
                assertTrue(meta.contains("run_id: '" + run.getFileName() + "'\n"), meta);
                assertTrue(meta.contains("start_time: 1795269000250\nstatus: "), meta);
                ends.add(meta.replaceAll("(?s).*(status: \\d).*", "$1"));
                assertEquals("1795269000250 2.5 1\n", Files.readString(run.resolve("metrics/train/nll")));
                assertEquals("1795269000250 2.0 0\n", Files.readString(run.resolve("metrics/eval/nll")));
                assertEquals("1e-4", Files.readString(run.resolve("params/lr")));
                assertEquals("run 1", Files.readString(run.resolve("tags/mlflow.runName")));
            }
        }
        assertEquals(List.of("status: 3", "status: 4"), ends.stream().sorted().toList());
    }

    private static Path only(Path dir) throws Exception {
        try (Stream<Path> files = Files.list(dir)) {
            List<Path> all = files.toList();
            assertEquals(1, all.size(), "the second run found the experiment of the first");
            return all.get(0);
        }
    }

    /** A server cuts what is longer without a word. */
    @Test
    void aLongParamIsCutToWhatMlflowTakesAndSaysSo(@TempDir Path dir) throws Exception {
        MlflowListener listener = new MlflowListener(
                new MlflowFileStore(dir), "e", "r", Map.of("short", "x".repeat(6000), "long", "x".repeat(7000)), CLOCK);
        listener.onStart(PLAN);
        listener.close();
        Path experiment = only(dir);
        try (Stream<Path> runs = Files.list(experiment).filter(Files::isDirectory)) {
            Path params = runs.findFirst().orElseThrow().resolve("params");
            assertEquals("x".repeat(6000), Files.readString(params.resolve("short")));
            String cut = Files.readString(params.resolve("long"));
            assertEquals(6000, cut.length());
            assertTrue(cut.endsWith("x... (7000 characters)"), cut.substring(5900));
        }
    }

    @Test
    void theServerGetsTheRestCallsOfMlflow() throws Exception {
        List<String> calls = new ArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String path = exchange.getRequestURI().toString();
            calls.add(exchange.getRequestMethod() + " " + path + " "
                    + exchange.getRequestHeaders().getFirst("Authorization") + " " + body);
            boolean unknown = path.contains("get-by-name");
            String answer = path.endsWith("experiments/create")
                    ? "{\"experiment_id\":\"7\"}"
                    : "{\"run\":{\"info\":{\"run_id\":\"abc\"}}}";
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(unknown ? 404 : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        try {
            URI address = URI.create("http://localhost:" + server.getAddress().getPort() + "/");
            run(new MlflowServer(address, "Bearer t"), true);
        } finally {
            server.stop(0);
        }
        assertEquals(6, calls.size(), calls.toString());
        String api = " /api/2.0/mlflow/";
        assertTrue(calls.get(0)
                .startsWith("GET" + api + "experiments/get-by-name?experiment_name=it%27s+a+test Bearer t"));
        assertEquals("POST" + api + "experiments/create Bearer t {\"name\":\"it's a test\"}", calls.get(1));
        assertTrue(calls.get(2).startsWith("POST" + api + "runs/create Bearer t {\"experiment_id\":\"7\","));
        assertTrue(calls.get(3).contains("{\"key\":\"lr\",\"value\":\"1e-4\"}"), calls.get(3));
        JsonNode metrics =
                new ObjectMapper().readTree(calls.get(4).substring(calls.get(4).indexOf('{')));
        assertEquals("abc", metrics.path("run_id").asText());
        assertEquals(3 + 14 + 13, metrics.path("metrics").size(), "the NLL of step 2 is not a number");
        assertEquals(
                "{\"key\":\"eval/nll\",\"value\":2.0,\"timestamp\":1795269000250,\"step\":0}",
                metrics.path("metrics").get(0).toString());
        assertTrue(calls.get(5).contains("\"status\":\"FINISHED\",\"end_time\":1795269000250"), calls.get(5));
    }

    @Test
    void aServerThatIsNotThereAndABadParamAreNamed() {
        UncheckedIOException e = assertThrows(
                UncheckedIOException.class, () -> run(new MlflowServer(URI.create("http://localhost:1")), true));
        assertTrue(
                e.getMessage().contains("http://localhost:1 did not answer experiments/get-by-name"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new MlflowServer(URI.create("mlruns")));
        IllegalArgumentException bad = assertThrows(
                IllegalArgumentException.class,
                () -> new MlflowListener(new MlflowFileStore(Path.of("x")), "e", "r", Map.of("../up", "1")));
        assertTrue(bad.getMessage().contains("\"../up\""), bad.getMessage());
    }
}
