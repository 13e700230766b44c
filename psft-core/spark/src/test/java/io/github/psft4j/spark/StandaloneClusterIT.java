package io.github.psft4j.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A master and two workers in JVMs of their own: the bits of one process. */
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
        InstalledCommand.train(
                        dir,
                        "run.yaml",
                        "--set",
                        "run.dir=there",
                        "--cluster",
                        cluster.url(),
                        "--set",
                        "data.train=file:" + dir.resolve("data.jsonl"))
                .finish();
        InstalledCommand.train(dir, "run.yaml", "--set", "run.dir=here", "--set", "run.threads=1")
                .finish();
        assertArrayEquals(
                Files.readAllBytes(dir.resolve("here/final/model.safetensors")),
                Files.readAllBytes(dir.resolve("there/final/model.safetensors")));
        assertTrue(Files.readString(dir.resolve("there/metrics.jsonl")).contains("cluster_wire_seconds"));
        assertFalse(Files.readString(dir.resolve("here/metrics.jsonl")).contains("cluster_wire_seconds"));
    }
}
