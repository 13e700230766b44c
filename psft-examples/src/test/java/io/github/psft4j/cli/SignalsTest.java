package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * How a run ends that is asked to, or that has not enough memory: in a process of its own, waited for by what it says.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Java sends no signals there, only ends processes")
class SignalsTest {

    private static final Path MODEL =
            Path.of("../psft-core/src/test/resources/models/stories260K").toAbsolutePath();

    @TempDir
    Path dir;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endWhatATestLeft() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void aFirstSignalFinishesTheStepWithACheckpoint() throws Exception {
        Process training = start(List.of(), SignalledTraining.class, dir.toString(), "until told");
        BufferedReader out = training.inputReader();
        await(SignalledTraining.IN_STEP, out);
        signal("TERM", training);
        await("stopping after this step", out);
        assertEquals(143, training.waitFor());
        assertTrue(new CheckpointStore(dir).newestIntact().orElseThrow().endsWith("step-00000003"));
    }

    @Test
    void aSecondSignalStopsAtOnce() throws Exception {
        Process training = start(List.of(), SignalledTraining.class, dir.toString(), "stuck");
        BufferedReader out = training.inputReader();
        await(SignalledTraining.IN_STEP, out);
        signal("TERM", training);
        await("stopping after this step", out);
        signal("TERM", training);
        await("stopped at once", out);
        assertEquals(ExitCodes.STOPPED_AT_ONCE, training.waitFor());
    }

    @Test
    void controlCIsSuchASignal() throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", "kill -INT $$; echo ignored").start();
        assumeTrue(
                new String(shell.getInputStream().readAllBytes()).isEmpty(),
                "SIGINT is ignored in this process and all that it starts, as a shell does for what it runs in the"
                        + " background: start the tests in the foreground");
        Process training = start(List.of(), SignalledTraining.class, dir.toString(), "until told");
        BufferedReader out = training.inputReader();
        await(SignalledTraining.IN_STEP, out);
        signal("INT", training);
        await("stopping after this step", out);
        assertEquals(130, training.waitFor());
    }

    private static void signal(String name, Process process) throws IOException, InterruptedException {
        new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                .inheritIO()
                .start()
                .waitFor();
    }

    private static void await(String text, BufferedReader out) throws IOException {
        List<String> seen = new ArrayList<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            seen.add(line);
            if (line.contains(text)) {
                return;
            }
        }
        throw new AssertionError("ended without saying \"" + text + "\": " + String.join("\n", seen));
    }

    @Test
    void tooLittleHeapIsNamedWithTheOptionThatRaisesIt() throws Exception {
        // A header as long as the format allows and longer than the heap; the file takes no space on the disk.
        Path model = Files.createDirectory(dir.resolve("model"));
        for (String file : List.of("config.json", "tokenizer.json")) {
            Files.copy(MODEL.resolve(file), model.resolve(file));
        }
        try (RandomAccessFile weights =
                new RandomAccessFile(model.resolve("model.safetensors").toFile(), "rw")) {
            weights.writeLong(Long.reverseBytes(90_000_000));
            weights.setLength(100_000_000);
        }
        String said = outOfMemory(model, "-Xmx64m");
        assertTrue(said.contains("on the Java heap") && said.contains("PSFT_OPTS"), said);
        assertTrue(
                Pattern.compile("Raise it, e\\.g\\. -Xmx1\\d\\dm").matcher(said).find(),
                said); // less the collector's own
    }

    @Test
    void tooLittleMemoryOutsideTheHeapIsNamedWithThePropertyThatRaisesIt() throws Exception {
        String arrays = outOfMemory(MODEL, "-Dorg.bytedeco.javacpp.maxbytes=64k");
        assertTrue(arrays.contains("-Dorg.bytedeco.javacpp.maxbytes=131072 "), arrays);
        assertTrue(arrays.contains("a smaller micro-batch than 8") && arrays.contains("batch.micro"), arrays);
        String process = outOfMemory(MODEL, "-Dorg.bytedeco.javacpp.maxphysicalbytes=50m");
        assertTrue(process.contains("-Dorg.bytedeco.javacpp.maxphysicalbytes=102400k "), process);
    }

    /** Trains with this option and returns what it says on the way out. */
    private String outOfMemory(Path model, String option) throws Exception {
        Path data = dir.resolve("data.jsonl");
        Files.writeString(data, "{\"input_ids\": [1, 2, 3, 4], \"loss_mask\": [0, 0, 1, 1]}\n".repeat(64));
        Path file = dir.resolve("run.yaml");
        // JSON is YAML, and a quoted path may hold anything.
        Files.writeString(
                file,
                String.format(
                        "{\"model\": {\"path\": \"%s\"}, \"data\": {\"train\": \"%s\"}, \"run\": {\"overwrite\": true,"
                                + " \"dir\": \"%s\"}}",
                        model, data, dir.resolve("run")));
        Process training = start(List.of(option), Psft.class, "train", "--config", file.toString());
        String said = new String(training.getInputStream().readAllBytes());
        assertEquals(ExitCodes.OUT_OF_MEMORY, training.waitFor(), said);
        return said;
    }

    private Process start(List<String> options, Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dpsft.threads=1"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        started.add(process);
        return process;
    }
}
