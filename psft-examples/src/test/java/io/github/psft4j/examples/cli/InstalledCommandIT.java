package io.github.psft4j.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
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
    void trainingHasTheFullCompilerAndTheParallelCollector() {
        String flags = jvmFlags("bench", "--shape", "bad");
        assertTrue(flags.contains("-XX:+UseParallelGC"), flags);
        assertFalse(flags.contains("TieredStopAtLevel"), flags);
        assertEquals(
                ModuleLayer.boot().findModule("java.base").isPresent()
                        && java.lang.module.ModuleFinder.ofSystem()
                                .find("jdk.incubator.vector")
                                .isPresent(),
                flags.contains("jdk.incubator.vector"),
                "the Vector API is on where this Java has it: " + flags);
    }

    private String jvmFlags(String... line) {
        Launcher.Result result =
                new Launcher(dir).run(Map.of("PSFT_OPTS", "-Xlog:arguments:stderr"), Launcher.script(), line);
        return result.err();
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
