package io.github.psft4j.monitor.signature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.monitor.Steps;
import io.github.psft4j.train.TrainingPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each signature fires on a history made to show it, once and alone, and none on healthy recorded runs. */
class FailureSignaturesTest {

    @TempDir
    private Path dir;

    private List<Finding> run(FailureSignatures signatures, int stepsPerEpoch, Stream<Steps> history) {
        List<Finding> findings = new ArrayList<>();
        signatures.tell(findings::add);
        signatures.onStart(new TrainingPlan("psft", 400, stepsPerEpoch, 0, 256, 1000));
        history.forEach(step -> signatures.onStep(step.build()));
        signatures.close();
        return findings;
    }

    private void assertFires(String expected, int step, Stream<Steps> history) {
        List<Finding> findings = run(new FailureSignatures(), 400, history);
        assertEquals(1, findings.size(), findings.toString());
        assertEquals(expected, findings.get(0).signature());
        assertEquals(step, findings.get(0).step(), findings.toString());
        assertTrue(findings.get(0).remedy().length() > 20);
    }

    private static Stream<Steps> steps(int n, UnaryOperator<Steps> change) {
        return IntStream.rangeClosed(1, n).mapToObj(i -> change.apply(Steps.step(i)));
    }

    private static Stream<Steps> steps(int n, BiFunction<Integer, Steps, Steps> change) {
        return IntStream.rangeClosed(1, n).mapToObj(i -> change.apply(i, Steps.step(i)));
    }

    @Test
    void aCalmHistoryFiresNothing() {
        assertEquals(List.of(), run(new FailureSignatures(), 400, steps(400, s -> s)));
    }

    /** Runs of the skill testbed at a hot rate (3e-4, 480 steps, K = 8), recorded on 2026-11-21. */
    @ParameterizedTest
    @ValueSource(strings = {"sft", "psft"})
    void ofTheRecordedRunsOnlyTheRisingNllIsSeen(String objective) throws Exception {
        Path sft = dir.resolve("sft.jsonl");
        Files.writeString(
                sft,
                rows("sft")
                        .map(row -> "{\"step\":" + row[0] + ",\"nll\":" + row[3] + "}\n")
                        .collect(Collectors.joining()));
        Stream<Steps> history = rows(objective)
                .map(row -> Steps.step(Integer.parseInt(row[0]))
                        .macro(Integer.parseInt(row[1]))
                        .epoch(Integer.parseInt(row[2]))
                        .objective(objective)
                        .nll(Double.parseDouble(row[3]))
                        .entropy(Double.parseDouble(row[4]))
                        .ratio(Double.parseDouble(row[5]))
                        .clip(Double.parseDouble(row[6]))
                        .norm(Double.parseDouble(row[7])));
        assertEquals(
                List.of("rising-nll"),
                run(new FailureSignatures(null, sft), 8, history).stream()
                        .map(Finding::signature)
                        .toList());
    }

    private static Stream<String[]> rows(String objective) throws Exception {
        Path file = Path.of("src/test/resources/monitor/quickstart-" + objective + ".csv");
        return Files.readAllLines(file).stream().skip(1).map(line -> line.split(","));
    }

    @Test
    void entropyThatHalvesInTheFirstEpochWhileTheNllHoldsIsACollapse() {
        assertFires(
                "entropy-collapse",
                103,
                steps(400, (i, s) -> s.entropy(i <= 40 ? 0.5 : 0.5 * Math.exp(-(i - 40) / 60.0))));
    }

    @Test
    void entropyThatFallsWithTheNllOrAfterTheFirstEpochIsNoCollapse() {
        Stream<Steps> learning =
                steps(400, (i, s) -> s.entropy(0.5 / (1 + i / 50.0)).nll(2.0 / (1 + i / 50.0)));
        assertEquals(List.of(), run(new FailureSignatures(), 400, learning));
        Stream<Steps> later = steps(400, (i, s) -> s.epoch(i <= 200 ? 1 : 2).entropy(i <= 200 ? 0.5 : 0.1));
        assertEquals(List.of(), run(new FailureSignatures(), 200, later));
    }

    @Test
    void spikesOfTheGradientNormFire() {
        assertFires("unstable-grad-norm", 140, steps(400, (i, s) -> s.norm(i >= 100 && i % 20 == 0 ? 11 : 1)));
        assertEquals(List.of(), run(new FailureSignatures(), 400, steps(400, (i, s) -> s.norm(i % 50 == 0 ? 40 : 1))));
    }

    /** With a clip that stops much, the first steps after each refresh have the largest norms, also in a good run. */
    @Test
    void largeNormsAfterEachRefreshAreNoSpikes() {
        double[] places = {150, 60, 15, 1, 1, 1, 1, 1};
        Stream<Steps> calm = steps(400, (i, s) -> s.norm(places[(i - 1) % 8]));
        assertEquals(List.of(), run(new FailureSignatures(), 400, calm));
        Stream<Steps> spiky = steps(400, (i, s) -> s.norm(places[(i - 1) % 8] * (i >= 100 && i % 20 == 0 ? 20 : 1)));
        assertFires("unstable-grad-norm", 140, spiky);
    }

    @Test
    void anNllThatRisesInAFifthOfThePassesFiresAndOneThatFallsDoesNot() {
        assertFires("rising-nll", 193, steps(400, (i, s) -> s.epoch(epoch(i)).nll(risesEvery(4, epoch(i)))));
        assertEquals(
                List.of(),
                run(
                        new FailureSignatures(),
                        16,
                        steps(400, (i, s) -> s.epoch(epoch(i)).nll(1.0 / epoch(i)))));
        assertEquals(
                List.of(),
                run(
                        new FailureSignatures(),
                        16,
                        steps(400, (i, s) -> s.objective("dft").epoch(epoch(i)).nll(risesEvery(4, epoch(i))))),
                "an objective that need not lower the NLL");
    }

    private static int epoch(int step) {
        return (step - 1) / 16 + 1;
    }

    /** Falls from pass to pass, but in every n-th one it is a little above the one before. */
    private static double risesEvery(int n, int epoch) {
        return epoch % n == 0 ? 1.05 / (epoch - 1) : 1.0 / epoch;
    }

    @Test
    void growthOfTheGradientNormFires() {
        assertFires("unstable-grad-norm", 232, steps(400, (i, s) -> s.norm(i <= 200 ? 1 : 4.1)));
        assertEquals(List.of(), run(new FailureSignatures(), 400, steps(400, (i, s) -> s.norm(i <= 200 ? 1 : 3.9))));
    }

    @Test
    void aClipThatNeverBindsFiresAfterTenMacroBatchesAndNotLaterInARun() {
        assertFires("idle-clip", 81, steps(400, s -> s.clip(0.0009)));
        assertEquals(List.of(), run(new FailureSignatures(), 400, steps(400, (i, s) -> s.clip(i <= 80 ? 0.0011 : 0))));
    }

    @Test
    void anIdleClipOfOneMiniBatchPerMacroBatchIsExplained() {
        List<Finding> findings = run(
                new FailureSignatures(),
                400,
                steps(20, (i, s) -> s.macro(i).ratio(1).clip(0)));
        assertEquals(1, findings.size());
        assertTrue(findings.get(0).remedy().contains("set macroBatch"), findings.toString());
        Stream<Steps> withoutRatio = steps(400, s -> s.objective("dft").ratio(1).clip(0));
        assertEquals(List.of(), run(new FailureSignatures(), 400, withoutRatio));
    }

    @Test
    void aClipThatTakesTooMuchFires() {
        assertFires("heavy-clip", 41, steps(400, s -> s.clip(0.31)));
        assertEquals(List.of(), run(new FailureSignatures(), 400, steps(400, s -> s.clip(0.29))));
        assertEquals(List.of(), run(new FailureSignatures(), 400, steps(400, (i, s) -> s.clip(i <= 16 ? 0.5 : 0.05))));
    }

    @Test
    void anNllAboveTheSftRunFiresFromStepHundredOn() throws Exception {
        Path sft = dir.resolve("sft.jsonl");
        Files.writeString(sft, "{\"nll\":0.6}\n".repeat(400));
        List<Finding> findings = run(new FailureSignatures(null, sft), 400, steps(400, s -> s));
        assertEquals(
                List.of("nll-above-sft"),
                findings.stream().map(Finding::signature).toList());
        assertEquals(100, findings.get(0).step());
        assertTrue(findings.get(0).observation().contains("1.000 nats/token, against 0.600"), findings.toString());
        Files.writeString(sft, "{\"nll\":0.7}\n".repeat(400));
        assertEquals(List.of(), run(new FailureSignatures(null, sft), 400, steps(400, s -> s)));
    }

    @Test
    void anNllThatRisesAfterTheSftWarmupOrTheStartFires() {
        assertFires(
                "nll-above-sft",
                96,
                steps(400, (i, s) -> i <= 80 ? s.objective("sft").clip(0).ratio(1) : s.nll(1.6)));
        assertFires("nll-above-sft", 56, steps(400, (i, s) -> s.nll(i <= 40 ? 1 : 1.51)));
    }

    @Test
    void skippedStepsFireFromTheSecondOnAndOnlyIfTheyAreMany() {
        assertFires("skipped-steps", 30, steps(400, (i, s) -> s.skipped(i / 15)));
        assertEquals(List.of(), run(new FailureSignatures(), 400, steps(400, (i, s) -> s.skipped(i / 150))));
    }

    /** A step that was skipped has no numbers: it neither fires a signature nor keeps one from firing. */
    @Test
    void aSkippedStepLeavesNoMarkButItsCount() throws Exception {
        BiFunction<Integer, Steps, Steps> skipping = (i, s) -> i == 12 || i == 300
                ? s.nll(Double.NaN)
                        .entropy(Double.NaN)
                        .ratio(Double.NaN)
                        .clip(Double.NaN)
                        .norm(Double.NaN)
                : s;
        assertEquals(List.of(), run(new FailureSignatures(), 400, steps(400, skipping)));
        assertFires("idle-clip", 81, steps(400, (i, s) -> skipping.apply(i, s.clip(0.0009))));
        assertFires("heavy-clip", 41, steps(400, (i, s) -> skipping.apply(i, s.clip(0.31))));
        List<Finding> single = run(
                new FailureSignatures(),
                400,
                steps(20, (i, s) -> skipping.apply(i, s.macro(i).ratio(1).clip(0))));
        assertTrue(single.get(0).remedy().contains("set macroBatch"), single.toString());
        // The reference falls as the run does, one step apart they would differ by far.
        Path sft = dir.resolve("sft.jsonl");
        StringBuilder rows = new StringBuilder();
        for (int i = 1; i <= 400; i++) {
            rows.append("{\"nll\":")
                    .append(i == 20 ? "null" : i % 32 < 16 ? "0.1" : "10")
                    .append("}\n");
        }
        Files.writeString(sft, rows);
        Stream<Steps> alike = steps(400, (i, s) -> skipping.apply(i, s.nll(i % 32 < 16 ? 0.1 : 10)));
        assertEquals(List.of(), run(new FailureSignatures(null, sft), 400, alike));
    }

    @Test
    void findingsGoToTheFileAsTheyAreMade() throws Exception {
        Path file = dir.resolve("run/warnings.jsonl");
        run(new FailureSignatures(file), 400, steps(100, (i, s) -> s.skipped(i)));
        List<String> lines = Files.readAllLines(file);
        assertEquals(1, lines.size());
        assertTrue(
                lines.get(0).startsWith("{\"step\":2,\"signature\":\"skipped-steps\",\"observation\":\"2 of 2 steps"));
    }
}
