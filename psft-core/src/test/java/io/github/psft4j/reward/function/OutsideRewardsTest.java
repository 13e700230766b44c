package io.github.psft4j.reward.function;

import static io.github.psft4j.reward.function.ShippedRewardsTest.sample;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.github.psft4j.reward.RewardFailure;
import io.github.psft4j.reward.RewardRegistry;
import io.github.psft4j.reward.RewardSample;
import io.github.psft4j.reward.RewardTable;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.reward.Rewards;
import io.github.psft4j.reward.WeightedReward;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rewards behind a program and behind HTTP, and what goes wrong there. The program is a Java class of these tests. */
@Timeout(120)
class OutsideRewardsTest {

    private static final List<RewardSample> THREE =
            List.of(sample("a", "1"), sample("bb", "2"), sample("\u00e9\ud83d\ude00\n", "3"));

    private static Rewards program(String mode, Duration limit) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                JudgeProgram.class.getName(),
                mode);
        return new Rewards(List.of(
                new WeightedReward("judge", 1, limit, RewardRegistry.create("program", Map.of("command", command)))));
    }

    @Test
    void aProgramScoresBatchAfterBatch() throws Exception {
        try (Rewards rewards = program("length", Duration.ofSeconds(60))) {
            for (int batch = 0; batch < 3; batch++) {
                RewardTable table = rewards.score(THREE);
                assertEquals(List.of(), table.failures());
                assertEquals(1, table.totals().get(0).value());
                assertEquals(2, table.totals().get(1).value());
                assertEquals("counted", table.value(0, 1).note());
                assertEquals(
                        RewardValue.State.NOT_APPLICABLE, table.totals().get(2).state());
            }
        }
    }

    /** More than any pipe holds, in both directions. */
    @Test
    void alargeBatchFillsNoPipe() throws Exception {
        List<RewardSample> many = Collections.nCopies(3_000, sample("x".repeat(2_000), "1"));
        try (Rewards rewards = program("length", Duration.ofSeconds(60))) {
            assertEquals(2_000, rewards.score(many).statistics().mean());
        }
    }

    @Test
    void aProgramThatDiesIsNamedWithItsLastWordsAndStartedAgain() throws Exception {
        try (Rewards rewards = program("die", Duration.ofSeconds(60))) {
            for (int i = 0; i < 2; i++) {
                RewardTable table = rewards.score(THREE);
                RewardFailure failure = table.failures().get(0);
                assertEquals(RewardFailure.Kind.THREW, failure.kind());
                assertEquals(3, table.statistics().failed());
                assertTrue(failure.message().contains("exit code 7 after 1 of 3 answers"), failure.message());
            }
        }
    }

    @Test
    void garbageAndTooManyLinesAreNamed() throws Exception {
        assertProgramFails("garbage", "not JSON: hello");
        assertProgramFails("text", "a reward must be a number");
        assertProgramFails("nan", "not JSON");
    }

    private static void assertProgramFails(String mode, String message) throws Exception {
        try (Rewards rewards = program(mode, Duration.ofSeconds(60))) {
            String shown = rewards.score(THREE).failures().get(0).message();
            assertTrue(shown.contains(message), shown);
        }
    }

    @Test
    void aProgramThatHangsIsEnded() throws Exception {
        try (Rewards rewards = program("hang", Duration.ofSeconds(3))) {
            RewardTable table = rewards.score(THREE);
            assertEquals(RewardFailure.Kind.TIMEOUT, table.failures().get(0).kind());
        }
        Thread.sleep(500);
        assertFalse(
                ProcessHandle.current().children().anyMatch(ProcessHandle::isAlive), "the program is still running");
    }

    @Test
    void aProgramThatIsNotThereIsNamed() throws Exception {
        try (Rewards rewards = new Rewards(List.of(WeightedReward.of(
                "judge", RewardRegistry.create("program", Map.of("command", List.of("/no/such/program"))))))) {
            String message = rewards.score(THREE).failures().get(0).message();
            assertTrue(message.contains("/no/such/program"), message);
        }
    }

    // ---- HTTP

    private interface Exchange {
        void with(Rewards rewards, AtomicReference<String> asked, AtomicInteger calls) throws Exception;
    }

    private static void server(List<String> answers, List<Integer> codes, Duration limit, Exchange exchange)
            throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        AtomicReference<String> asked = new AtomicReference<>();
        AtomicInteger calls = new AtomicInteger();
        server.createContext("/judge", call -> {
            int n = calls.getAndIncrement();
            asked.set(new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            String answer = answers.get(Math.min(n, answers.size() - 1));
            if (answer.equals("hang")) {
                return; // never answered
            }
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            call.sendResponseHeaders(codes.get(Math.min(n, codes.size() - 1)), body.length);
            call.getResponseBody().write(body);
            call.close();
        });
        server.start();
        try (Rewards rewards = new Rewards(List.of(new WeightedReward(
                "judge",
                1,
                limit,
                RewardRegistry.create(
                        "http",
                        Map.of("url", "http://127.0.0.1:" + server.getAddress().getPort() + "/judge")))))) {
            exchange.with(rewards, asked, calls);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aJudgeBehindHttpScoresABatch() throws Exception {
        server(
                List.of("{\"rewards\": [1, null, {\"reward\": 0.5, \"note\": \"half\"}]}"),
                List.of(200),
                Duration.ofSeconds(60),
                (rewards, asked, calls) -> {
                    RewardTable table = rewards.score(THREE);
                    assertEquals(List.of(), table.failures());
                    assertEquals(1, table.totals().get(0).value());
                    assertEquals(
                            RewardValue.State.NOT_APPLICABLE,
                            table.totals().get(1).state());
                    assertEquals(RewardValue.of(0.5, "half"), table.value(0, 2));
                    assertTrue(asked.get().contains("\"completion\":\"bb\""), asked.get());
                    assertTrue(asked.get().contains("\"columns\":{\"answer\":\"2\"}"), asked.get());
                });
    }

    @Test
    void aBusyJudgeIsAskedAgain() throws Exception {
        server(
                List.of("later", "{\"rewards\": [1, 2, 3]}"),
                List.of(503, 200),
                Duration.ofSeconds(60),
                (rewards, asked, calls) -> {
                    assertEquals(2, rewards.score(THREE).statistics().mean());
                    assertEquals(2, calls.get());
                });
    }

    @Test
    void wrongAnswersOfAJudgeAreNamed() throws Exception {
        List<String[]> cases = new ArrayList<>();
        cases.add(new String[] {"{\"rewards\": [1, 2]}", "2 values for 3 samples"});
        cases.add(new String[] {"oops", "did not answer with JSON"});
        cases.add(new String[] {"{}", "must answer {\"rewards\""});
        cases.add(new String[] {"{\"rewards\": [1, \"x\", 3]}", "sample 1: a reward must be a number"});
        for (String[] c : cases) {
            server(List.of(c[0]), List.of(200), Duration.ofSeconds(60), (rewards, asked, calls) -> {
                String message = rewards.score(THREE).failures().get(0).message();
                assertTrue(message.contains(c[1]), message);
            });
        }
        server(List.of("no"), List.of(404), Duration.ofSeconds(60), (rewards, asked, calls) -> {
            String message = rewards.score(THREE).failures().get(0).message();
            assertTrue(message.contains("code 404"), message);
        });
    }

    @Test
    void aJudgeThatNeverAnswersIsLeft() throws Exception {
        server(
                List.of("hang"),
                List.of(200),
                Duration.ofSeconds(2),
                (rewards, asked, calls) -> assertEquals(
                        RewardFailure.Kind.TIMEOUT,
                        rewards.score(THREE).failures().get(0).kind()));
    }
}
