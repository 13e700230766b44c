package io.github.psft4j.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.TrainerListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executors, workers and drivers of a standalone cluster that are killed with SIGKILL change no bit and lose no step.
 * {@code -Dpsft.kills=30 -Dpsft.driver.kills=10} for more kills, {@code -Dpsft.kills.seed=2} for other moments.
 */
class KillsIT {

    private static final Logger LOG = LoggerFactory.getLogger(KillsIT.class);

    /** Kills of a driver before its run is left alone. */
    private static final int KILLS_OF_A_RUN = 2;

    @TempDir
    static Path dir;

    private static StandaloneCluster cluster;

    private final Random random = new Random(Long.getLong("psft.kills.seed", 3));

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

        /** @param whole whether the worker dies with its executor */
        Killer(Random random, boolean whole) {
            this.whole = whole;
            step = 1 + random.nextInt(Runs.STEPS - 2);
            millis = random.nextInt(60);
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
            return (whole ? "worker " : "executor ") + worker + ", " + millis + " ms behind step " + step;
        }
    }

    /** Runs whose executors and workers are killed. */
    private enum Method {
        LORA_PSFT,
        LORA_DPO,
        LORA_GRPO,
        PSFT;

        CausalLm model() {
            return this == LORA_GRPO
                    ? SampledRun.model(true)
                    : Runs.valueOf(name()).model();
        }

        float[] expected() {
            if (this == LORA_GRPO) {
                CausalLm model = model();
                return SampledRun.train(model, PsftTrainer.builder(model));
            }
            return Runs.valueOf(name()).expected();
        }

        float[] train(SparkTrainer spark, TrainerListener listener) {
            CausalLm model = model();
            if (this == LORA_GRPO) {
                return SampledRun.train(model, spark.builder(model).listener(listener));
            }
            TrainerBuilder trainer = Runs.valueOf(name()).on(spark, model);
            trainer.listener(listener).build().fit(Runs.data());
            return Runs.weights(model);
        }
    }

    @Test
    void killsOfExecutorsAndWorkersChangeNoBit() {
        Map<Method, float[]> expected = new HashMap<>();
        int workers = 0;
        int kills = Integer.getInteger("psft.kills", 3);
        try (JavaSparkContext context = cluster.context(2);
                SparkTrainer spark = SparkTrainer.on(context)) {
            for (int kill = 0; kill < kills; kill++) {
                Method method = Method.values()[kill % Method.values().length];
                Killer killer = new Killer(random, kill % 3 == 2);
                workers += killer.whole ? 1 : 0;
                float[] weights = method.train(spark, killer);
                assertTrue(killer.killed, "not killed: " + killer);
                assertArrayEquals(
                        expected.computeIfAbsent(method, Method::expected), weights, method + " without " + killer);
            }
        }
        LOG.info(
                "{} kills, {} of them of a worker with its executor: all weights are those of one process",
                kills,
                workers);
    }

    /** Configurations of the command whose driver is killed. */
    private enum Configuration {
        LORA("""
                model: {path: "bundled:models/stories260K"}
                lora: {r: 2, alpha: 4}
                data: {train: rows.jsonl}
                batch: {macro: 8, mini: 4, micro: 1}
                optimizer: {lr: 1e-2}
                """, "adapter_model.safetensors"),
        GRPO("""
                model: {path: "bundled:models/skills-base"}
                data: {train: "bundled:data/additions-prompts.jsonl"}
                objective: {name: grpo}
                rollout: {group_size: 8, max_new_tokens: 14}
                reward: {functions: {skill_answer: 1}}
                batch: {macro: 32, mini: 16, micro: 4}
                optimizer: {lr: 3e-4}
                """, "model.safetensors"),
        DPO("""
                model: {path: "bundled:models/stories260K"}
                data: {train: pairs.jsonl}
                objective: {name: dpo}
                batch: {macro: 8, mini: 4, micro: 2}
                optimizer: {lr: 1e-3}
                """, "model.safetensors");

        private final String settings;
        private final String weights;

        Configuration(String settings, String weights) {
            this.settings = settings;
            this.weights = weights;
        }

        String file() {
            return name() + ".yaml";
        }

        Path weights(String run) {
            return dir.resolve(run).resolve("final").resolve(weights);
        }
    }

    private static final int STEPS = 24;

    @Test
    void aKilledDriverResumesToTheBitsAndTheRecordsOfOneThatWasLeftAlone() throws Exception {
        int kills = 0;
        int wanted = Integer.getInteger("psft.driver.kills", 1);
        List<Integer> moments = new ArrayList<>();
        for (int run = 0; kills < wanted; run++) {
            Configuration configuration = Configuration.values()[run % Configuration.values().length];
            String here = "here" + configuration;
            if (run < Configuration.values().length) {
                write(configuration);
                InstalledCommand.train(dir, configuration.file(), "--set", "run.dir=" + here, "--set", "run.threads=1")
                        .finish();
            }
            String there = "there" + run;
            boolean killed = true;
            for (int k = 0; k < KILLS_OF_A_RUN && killed && kills < wanted; k++) {
                InstalledCommand driver = onCluster(configuration, there);
                awaitSteps(driver, there, 1 + random.nextInt(STEPS / 3));
                Thread.sleep(random.nextInt(200));
                killed = driver.kill();
                kills += killed ? 1 : 0;
                moments.add(steps(there).size());
            }
            if (killed) {
                onCluster(configuration, there).finish();
            }
            assertEquals(
                    -1,
                    Files.mismatch(configuration.weights(here), configuration.weights(there)),
                    configuration + " killed behind steps " + moments);
            assertEquals(steps(here), steps(there), configuration + " killed behind steps " + moments);
            assertEquals(STEPS, steps(there).size());
        }
        LOG.info(
                "{} drivers killed with {} steps written: all models and records are those of one process",
                kills,
                moments);
    }

    private static InstalledCommand onCluster(Configuration configuration, String run) throws IOException {
        return InstalledCommand.train(
                dir, configuration.file(), "--set", "run.dir=" + run, "--cluster", cluster.url(), "--resume", "auto");
    }

    private static void write(Configuration configuration) throws IOException {
        Files.writeString(dir.resolve(configuration.file()), configuration.settings + """
                train: {max_steps: 24}
                checkpoint: {every: 3}
                run: {dir: DIR}
                """);
        StringBuilder rows = new StringBuilder();
        StringBuilder pairs = new StringBuilder();
        for (int i = 0; i < 16; i++) {
            String right = "\"cats and " + (i + 1) + " dogs.\"";
            String prompt = "{\"prompt\": \"Tom has " + i + " \", ";
            rows.append(prompt + "\"completion\": " + right + "}\n");
            pairs.append(prompt + "\"chosen\": " + right + ", \"rejected\": \"dogs and " + i + " cats.\"}\n");
        }
        Files.writeString(dir.resolve("rows.jsonl"), rows);
        Files.writeString(dir.resolve("pairs.jsonl"), pairs);
    }

    /** Waits for some more lines than the file has had; a resumed run first takes back those behind its checkpoint. */
    private static void awaitSteps(InstalledCommand driver, String run, int more) throws Exception {
        int fewest = Integer.MAX_VALUE;
        while (driver.process().isAlive()) {
            int now = steps(run).size();
            fewest = Math.min(fewest, now);
            if (now >= fewest + more) {
                return;
            }
            Thread.sleep(5);
        }
    }

    /** What the run has written of its steps, without times. */
    private static List<String> steps(String run) throws IOException {
        Path file = dir.resolve(run).resolve("metrics.jsonl");
        List<String> out = new ArrayList<>();
        if (Files.exists(file)) {
            String text = Files.readString(file);
            for (String line :
                    text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                JsonNode step = new ObjectMapper().readTree(line);
                out.add(step.get("step") + ": " + step.get("loss") + " " + step.get("nll") + " "
                        + step.get("grad_norm"));
            }
        }
        return out;
    }
}
