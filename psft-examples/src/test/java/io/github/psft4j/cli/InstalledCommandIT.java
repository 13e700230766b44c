package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.cli.console.ExitCodes;
import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the start script adds to the command: flags, exit codes, speed of starting. */
class InstalledCommandIT {

    @TempDir
    Path dir;

    /** The time that it takes depends on the machine; what it depends on is that ND4J and its 90 MB stay unloaded. */
    @Test
    void helpLoadsNoClassOfNd4j() {
        for (String[] line : new String[][] {{"--help"}, {"train", "--help"}, {"version"}, {"config", "ls"}}) {
            Launcher.Result result =
                    new Launcher(dir).run(Map.of("PSFT_OPTS", "-Xlog:class+load:stderr"), Launcher.script(), line);
            assertEquals(0, result.code(), result.err());
            assertTrue(result.err().contains(Psft.class.getName() + " "), "the log of loaded classes is empty");
            for (String heavy : List.of("org.nd4j.", "org.deeplearning4j.", "org.bytedeco.", "ch.qos.logback.")) {
                assertFalse(result.err().contains(" " + heavy), String.join(" ", line) + " loads " + heavy);
            }
        }
    }

    @Test
    void commandsThatComputeHaveTheFullCompilerTheParallelCollectorAndTheVectorApi() {
        Launcher.Result result = new Launcher(dir)
                .run(Map.of("PSFT_OPTS", "-XX:+PrintCommandLineFlags"), Launcher.script(), "bench", "--shape", "bad");
        assertTrue(result.out().contains("-XX:+UseParallelGC"), result.out());
        assertFalse(result.out().contains("TieredStopAtLevel"), result.out());
        assertEquals(
                ModuleFinder.ofSystem().find("jdk.incubator.vector").isPresent(),
                result.err().contains("jdk.incubator.vector"),
                "on where this Java has it: " + result.err());
    }

    /** Containers have no other locale as a rule; Java would read and print question marks. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void inTheCLocaleTextIsUtf8() {
        Launcher.Result result = new Launcher(dir)
                .run(
                        Map.of("LC_ALL", "C"),
                        Path.of("/bin/sh"),
                        "-c",
                        "\"$0\" inspect \"$(printf 'gr\\303\\274n')\"",
                        Launcher.script().toString());
        assertTrue(result.err().contains("gr\u00fcn is not a model directory"), result.err());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void outputThatIsLostIsAFailureAndAReaderThatHasEnoughIsNone() {
        String script = Launcher.script().toString();
        Launcher.Result full = new Launcher(dir)
                .run(Map.of(), Path.of("/bin/sh"), "-c", "exec \"$0\" config keys > /dev/full", script);
        assertEquals(ExitCodes.FAILED, full.code());
        assertTrue(full.err().contains("cannot write to standard output"), full.err());
        Launcher.Result closed = new Launcher(dir)
                .run(Map.of(), Path.of("/bin/sh"), "-c", "{ \"$0\" config keys; echo $? >&2; } | true", script);
        assertEquals("0", closed.err().strip());
    }

    /** Java refuses to start with two; the other sources of options are Java's own. */
    @Test
    void aCollectorThatTheUserNamesReplacesThatOfTheScript() {
        for (String variable : List.of("JAVA_OPTS", "PSFT_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")) {
            for (String[] line : new String[][] {{"version"}, {"bench", "--shape", "bad"}}) {
                Launcher.Result result = new Launcher(dir)
                        .run(Map.of(variable, "-Dpsft.test=a -XX:+UseG1GC -Xmx1g"), Launcher.script(), line);
                assertEquals(line.length == 1 ? ExitCodes.OK : ExitCodes.REFUSED, result.code(), result.err());
                assertFalse(result.err().contains("garbage collectors"), variable + ": " + result.err());
            }
        }
    }

    /** From JDK 24 on Java warns of native code, which it will refuse later. */
    @Test
    void shortCommandsThatReachNativeCodePrintNoWarningOfJava() {
        Launcher.Result result = new Launcher(dir).run("inspect", "bundled:models/stories260K");
        assertEquals(0, result.code(), result.err());
        assertFalse(result.err().contains("WARNING"), result.err());
    }

    @Test
    void plotDoesWithoutPicturesWhereJavaCannotDraw() throws IOException {
        Path run = Files.createDirectories(dir.resolve("run"));
        Files.writeString(run.resolve("metrics.jsonl"), """
                {"step": 1, "macro_step": 1, "objective": "psft", "loss": 2.0, "nll": 2.0, "lr": 1e-5}
                {"step": 2, "macro_step": 1, "objective": "psft", "loss": 1.5, "nll": 1.5, "lr": 1e-5}
                """);
        String server = "--limit-modules=java.base,java.logging,java.xml,java.naming,java.management,jdk.unsupported";
        Launcher.Result result =
                new Launcher(dir).run(Map.of("PSFT_OPTS", server), Launcher.script(), "plot", "run", "--out", "plots");
        assertEquals(0, result.code(), result.err());
        assertTrue(Files.readString(dir.resolve("plots/report.html")).contains("<svg"));
        assertTrue(result.err().contains("PNG"), result.err());
        assertFalse(result.err().contains("\tat "), result.err());
        assertFalse(result.out().contains(".png"), result.out());
        try (Stream<Path> files = Files.list(dir.resolve("plots"))) {
            assertTrue(files.noneMatch(file -> file.toString().endsWith(".png")), "no empty picture is left");
        }
    }

    @Test
    void refusalsAndTheirExitCodeReachTheShell() throws IOException {
        Files.writeString(dir.resolve("run.yaml"), "batch:\n  macro: many\n");
        Launcher.Result result = new Launcher(dir).run("train", "--config", "run.yaml");
        assertEquals(ExitCodes.REFUSED, result.code());
        assertTrue(result.err().contains("batch.macro"), result.err());
        assertFalse(result.err().contains("\tat "), result.err());
    }

    @Test
    void badJavaHomeIsNamed() {
        Launcher.Result result =
                new Launcher(dir).run(Map.of("JAVA_HOME", dir.toString()), Launcher.script(), "--help");
        assertEquals(ExitCodes.REFUSED, result.code());
        assertTrue(result.err().contains("JAVA_HOME"), result.err());
    }

    /** A Java without the flag does not start with it. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void onlyAJavaThatKnowsHowIsAskedToTrimItsNativeHeap() throws IOException {
        Path java = Files.createDirectories(dir.resolve("java/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho \"$@\"\n");
        assertTrue(java.toFile().setExecutable(true));
        Map<String, Boolean> known = Map.of(
                "17", false, "17.0.2", false, "17.0.12", true, "20.0.1", false, "21.0.3", false, "21.0.10", true, "25",
                true);
        for (Map.Entry<String, Boolean> version : known.entrySet()) {
            Files.writeString(dir.resolve("java/release"), "JAVA_VERSION=\"" + version.getKey() + "\"\n");
            Launcher.Result result = new Launcher(dir)
                    .run(Map.of("JAVA_HOME", dir.resolve("java").toString()), Launcher.script(), "train");
            assertTrue(result.out().contains("-XX:MaxNewSize"), result.out() + result.err());
            assertEquals(version.getValue(), result.out().contains("TrimNativeHeapInterval"), version.getKey());
        }
    }

    /** Java takes the last of two. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void theDriverOfAClusterHasRoomForTheGradientsOfAStep() throws IOException {
        Path java = Files.createDirectories(dir.resolve("java/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho \"$@\"\n");
        assertTrue(java.toFile().setExecutable(true));
        Files.writeString(dir.resolve("java/release"), "JAVA_VERSION=\"17.0.15\"\n");
        Map<String, String> fake = Map.of("JAVA_HOME", dir.resolve("java").toString());
        String alone = new Launcher(dir).run(fake, Launcher.script(), "train").out();
        assertFalse(alone.contains("-XX:MaxNewSize=128m"), alone);
        String driver = new Launcher(dir)
                .run(fake, Launcher.script(), "train", "--cluster", "local[2]")
                .out();
        assertTrue(driver.lastIndexOf("-XX:MaxNewSize=128m") > driver.indexOf("-XX:MaxNewSize=64m"), driver);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void startsThroughASymbolicLink() throws IOException {
        Path link = Files.createSymbolicLink(dir.resolve("psft link"), Launcher.script());
        Launcher.Result result = new Launcher(dir).run(Map.of(), link, "version");
        assertEquals(0, result.code(), result.err());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void completionScriptIsValidShell() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash on this machine");
        Launcher.Result result = new Launcher(dir).run("generate-completion");
        assertEquals(0, result.code(), result.err());
        Path script = Files.writeString(dir.resolve("completion.sh"), result.out());
        Process bash = new ProcessBuilder("/bin/bash", "-c", "source " + script + " && complete -p psft")
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes());
        assertEquals(0, bash.waitFor(), said);
    }

    @Test
    void sameSeedGivesTheSameRunApartFromTimes() throws IOException {
        List<List<ObjectNode>> runs = new ArrayList<>();
        for (String name : List.of("a", "b")) {
            new Launcher(dir).run("config", "cp", "laptop", name + ".yaml");
            Launcher.Result result = new Launcher(dir)
                    .run("train", "--quiet", "--config", name + ".yaml", "--set", "train.max_steps=10");
            assertEquals(0, result.code(), result.err());
            runs.add(metrics(dir.resolve("runs").resolve(name)));
        }
        assertEquals(10, runs.get(0).size());
        assertEquals(runs.get(0), runs.get(1));
    }

    @Test
    void aResumedRunIsTheRunThatWasNeverBrokenOff() throws IOException {
        Launcher launcher = new Launcher(dir);
        launcher.run("config", "cp", "laptop");
        train(launcher, "straight");
        Path straight = dir.resolve("straight");
        Path broken = dir.resolve("broken"); // as a kill after step 12 and before its checkpoint leaves it
        copy(straight, broken, List.of("step-00000012", "final"));

        train(launcher, "broken", "--resume", "auto");
        assertSameResult(straight, broken);
        assertEquals(metrics(straight), metrics(broken));

        train(launcher, "elsewhere", "--resume", "straight/step-00000005");
        assertSameResult(straight, dir.resolve("elsewhere"));
        assertEquals(metrics(straight).subList(5, 12), metrics(dir.resolve("elsewhere")));

        Launcher.Result again = launcher.run("train", "--config", "laptop.yaml", "--set", "run.dir=broken");
        assertEquals(ExitCodes.REFUSED, again.code(), again.err());
        assertTrue(again.err().contains("--resume auto"), again.err());
    }

    private static void assertSameResult(Path one, Path other) throws IOException {
        for (String file : List.of("final/model.safetensors", "step-00000012/optimizer.safetensors")) {
            assertArrayEquals(Files.readAllBytes(one.resolve(file)), Files.readAllBytes(other.resolve(file)), file);
        }
    }

    private static void copy(Path from, Path to, List<String> without) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path relative = from.relativize(file);
                if (!without.contains(relative.subpath(0, 1).toString())) {
                    Files.copy(file, to.resolve(relative.toString()));
                }
            }
        }
    }

    private static void train(Launcher launcher, String run, String... more) {
        List<String> line = new ArrayList<>(List.of("train", "--quiet", "--config", "laptop.yaml"));
        List<String> settings = List.of(
                "run.dir=" + run, "train.max_steps=12", "checkpoint.every=5", "checkpoint.keep=3", "eval.data=");
        settings.forEach(set -> line.addAll(List.of("--set", set)));
        line.addAll(List.of(more));
        Launcher.Result result = launcher.run(line.toArray(String[]::new));
        assertEquals(0, result.code(), result.err());
    }

    private static List<ObjectNode> metrics(Path run) throws IOException {
        List<ObjectNode> out = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            ObjectNode step = (ObjectNode) new ObjectMapper().readTree(line);
            assertTrue(step.remove("tokens_per_second").doubleValue() > 0);
            out.add(step);
        }
        return out;
    }
}
