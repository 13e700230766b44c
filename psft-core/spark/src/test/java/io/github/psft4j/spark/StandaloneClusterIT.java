package io.github.psft4j.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A master and two workers in JVMs of their own: the bits of one process, also when an executor is killed. */
class StandaloneClusterIT {

    @TempDir
    static Path dir;

    private static StandaloneCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new StandaloneCluster(Path.of(System.getProperty("psft.spark.home")), dir, 2);
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    /** Kills an executor, or a worker with its executor, at some moment behind a step. */
    private static final class Killer implements TrainerListener {

        private final int step;
        private final int millis;
        private final boolean whole;
        private final int worker;
        private boolean killed;
        private Thread thread;

        Killer(Random random) {
            step = 1 + random.nextInt(Runs.STEPS - 2);
            millis = random.nextInt(60);
            whole = random.nextInt(3) == 0;
            worker = random.nextInt(2);
        }

        @Override
        public void onStep(StepMetrics metrics) {
            if (metrics.step() == step) {
                thread = new Thread(this::kill);
                thread.start();
            } else if (metrics.step() == step + 1) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        private void kill() {
            try {
                Thread.sleep(millis);
                killed = whole ? cluster.killWorker(worker) : cluster.killExecutor(worker);
            } catch (InterruptedException | IOException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public String toString() {
            return (whole ? "worker " : "executor ") + worker + " " + millis + " ms behind step " + step;
        }
    }

    @Test
    void weightsHaveTheBitsOfOneProcessWithAnyNumberOfExecutors() {
        Path checkpoints = dir.resolve("run");
        CheckpointPolicy policy = CheckpointPolicy.every(5, checkpoints).keep(9, 0);
        try (JavaSparkContext context = cluster.context(2);
                SparkTrainer spark = SparkTrainer.on(context)) {
            for (Runs run : Runs.values()) {
                CausalLm model = run.model();
                TrainerBuilder trainer = run.on(spark, model);
                (run == Runs.PSFT ? trainer.checkpoints(policy) : trainer)
                        .build()
                        .fit(Runs.data());
                assertArrayEquals(run.expected(), Runs.weights(model), run.name());
            }
        }
        try (JavaSparkContext context = cluster.context(1);
                SparkTrainer spark = SparkTrainer.on(context)) {
            CausalLm model = Runs.PSFT.model();
            Path inside = new CheckpointStore(checkpoints).directory(5); // of a macro-batch
            Runs.PSFT.on(spark, model).resume(inside).build().fit(Runs.data());
            assertArrayEquals(Runs.PSFT.expected(), Runs.weights(model), "resumed on one executor");
        }
    }

    /** With {@code -Dpsft.kills=N} for more than two. */
    @Test
    void killsOfExecutorsAndWorkersChangeNoBit() {
        float[] expected = Runs.LORA_PSFT.expected();
        Random random = new Random(3);
        try (JavaSparkContext context = cluster.context(2);
                SparkTrainer spark = SparkTrainer.on(context)) {
            for (int kill = 0; kill < Integer.getInteger("psft.kills", 2); kill++) {
                Killer killer = new Killer(random);
                CausalLm model = Runs.LORA_PSFT.model();
                Runs.LORA_PSFT.on(spark, model).listener(killer).build().fit(Runs.data());
                assertTrue(killer.killed, "not killed: " + killer);
                assertArrayEquals(expected, Runs.weights(model), killer.toString());
            }
        }
    }

    /** The installed command, also with data that the executors read. */
    @Test
    void theCommandTrainsTheSameModelOnTheCluster() throws Exception {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 16; i++) {
            rows.append("{\"prompt\": \"Tom has " + i + " \", \"completion\": \"cats and " + (i + 1) + " dogs.\"}\n");
        }
        Files.writeString(dir.resolve("data.jsonl"), rows);
        Files.writeString(dir.resolve("run.yaml"), """
                model: {path: "bundled:models/stories260K"}
                data: {train: data.jsonl}
                batch: {macro: 8, mini: 4, micro: 1}
                optimizer: {lr: 1e-3}
                run: {dir: DIR}
                """);
        psft("run.dir=there", "--cluster", cluster.url(), "--set", "data.train=file:" + dir.resolve("data.jsonl"));
        psft("run.dir=here", "--set", "run.threads=1");
        assertArrayEquals(
                Files.readAllBytes(dir.resolve("here/final/model.safetensors")),
                Files.readAllBytes(dir.resolve("there/final/model.safetensors")));
        assertTrue(Files.readString(dir.resolve("there/metrics.jsonl")).contains("cluster_wire_seconds"));
        assertFalse(Files.readString(dir.resolve("here/metrics.jsonl")).contains("cluster_wire_seconds"));
    }

    private static void psft(String... more) throws Exception {
        Path home =
                Path.of(System.getProperty("psft.spark.home")).toAbsolutePath().normalize();
        List<String> command = new ArrayList<>(
                List.of(home.resolveSibling("bin").resolve("psft").toString(), "train", "run.yaml", "--set"));
        command.addAll(List.of(more));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(dir.toFile()).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment()
                .put(
                        "PSFT_OPTS",
                        "-Xmx512m -Dspark.driver.host=127.0.0.1 -Dspark.executor.memory=512m -Dspark.ui.enabled=false");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }
}
