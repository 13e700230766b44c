package io.github.psft4j.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Denominator;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.LocalReports;
import io.github.psft4j.policy.Reporting;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TokenListener;
import io.github.psft4j.train.TrainedTokens;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Four tasks at a time inside this process: the same bits as without a cluster, and what cannot be done says so. */
class SparkTrainerTest {

    private static JavaSparkContext context;

    @BeforeAll
    static void open() {
        SparkConf conf =
                new SparkConf().setMaster("local[4,2]").setAppName("test").set("spark.ui.enabled", "false");
        context = new JavaSparkContext(SparkTrainer.configure(conf).set("spark.task.cpus", "1"));
    }

    @AfterAll
    static void close() {
        context.close();
    }

    @ParameterizedTest
    @EnumSource(Runs.class)
    void weightsHaveTheBitsOfOneProcess(Runs run) {
        CausalLm model = run.model();
        try (SparkTrainer spark = SparkTrainer.on(context)) {
            run.on(spark, model).build().fit(Runs.data());
        }
        assertArrayEquals(run.expected(), Runs.weights(model));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void samplesAreDrawnByTheTasksToo(boolean lora) {
        CausalLm here = SampledRun.model(lora);
        CausalLm there = SampledRun.model(lora);
        float[] sampled;
        try (SparkTrainer spark = SparkTrainer.on(context)) {
            sampled = SampledRun.train(there, spark.builder(there));
        }
        assertArrayEquals(SampledRun.train(here, PsftTrainer.builder(here)), sampled);
        assertFalse(Arrays.equals(sampled, Runs.weights(SampledRun.model(lora))), "nothing was trained");
    }

    @ParameterizedTest
    @EnumSource(
            value = Runs.class,
            names = {"SFT", "LORA_DPO"})
    void evaluationsHaveTheBitsOfOneProcess(Runs run) {
        CausalLm model = run.model();
        List<MicroBatch> slices =
                new MicroBatches(2, 0, false, 2).cut(IntStream.range(0, 28).toArray(), Runs.data());
        IntFunction<double[]> reference = i -> {
            double[] values = new double[Runs.data().get(i).length() - 1];
            Arrays.fill(values, -1 - i);
            return values;
        };
        Reporting how = new Reporting(
                run.objective(),
                run.objective().aggregation(),
                run == Runs.SFT ? null : new Denominator(200, 28),
                run == Runs.SFT ? Map.of() : Map.of(Column.REF_LOG_PROB, reference));
        List<LossReport> here = new LocalReports().reports(model, how, slices);
        try (SparkWorkers workers = new SparkWorkers(context, false)) {
            assertEquals(here, workers.reports(model, how, slices));
        }
        assertEquals(14, here.size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void vectorsOfManyPiecesComeOverWhole(boolean half) {
        INDArray vector = Nd4j.linspace(DataType.FLOAT, -3, 1e-6, 2 * (1 << 20) + 5);
        INDArray sent = half ? vector.castTo(DataType.BFLOAT16).castTo(DataType.FLOAT) : vector;
        INDArray there = Nd4j.createUninitialized(DataType.FLOAT, vector.length());
        new WireVector(vector, half ? Wire.BF16 : Wire.F32).copyTo(there);
        assertEquals(sent, there);
    }

    @Test
    void bfloat16OnTheWireHalvesTheBytesAndChangesTheWeightsALittle() throws Exception {
        CausalLm model = Runs.PSFT.model();
        byte[] full = bytes(new Weights(model.graph().params(), Wire.F32));
        byte[] half = bytes(new Weights(model.graph().params(), Wire.BF16));
        assertEquals(0.5, (double) half.length / full.length, 0.02);

        CausalLm rounded = Runs.SFT.model();
        float[] start = Runs.weights(rounded);
        try (SparkWorkers workers = new SparkWorkers(context, false, Wire.BF16)) {
            Runs.SFT.on(workers, rounded).build().fit(Runs.data());
        }
        float[] exact = Runs.SFT.expected();
        float[] there = Runs.weights(rounded);
        double moved = 0;
        double off = 0;
        for (int i = 0; i < exact.length; i++) {
            moved += Math.pow(exact[i] - start[i], 2);
            off += Math.pow(exact[i] - there[i], 2);
        }
        double relative = Math.sqrt(off / moved);
        assertTrue(relative > 0 && relative < 0.1, "off by " + relative + " of the way");
        assertThrows(RefusedException.class, () -> Wire.of(new SparkConf(false).set(Wire.PROPERTY, "fp8")));
    }

    private static byte[] bytes(Serializable object) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
            objects.writeObject(object);
        }
        return out.toByteArray();
    }

    /** Keeps what it is shown. */
    private static final class Shown implements TokenListener {
        private final List<String> tokens = new ArrayList<>();
        private final List<StepMetrics> steps = new ArrayList<>();

        @Override
        public void onTokens(TrainedTokens trained) {
            for (int t = 0; t < trained.size(); t++) {
                tokens.add(trained.id(t) + " at " + trained.position(t) + ": " + trained.logProb(t) + " "
                        + trained.ratio(t) + " " + trained.oldLogProb(t) + " " + trained.clipped(t) + " "
                        + trained.coefficient(t));
            }
        }

        @Override
        public void onStep(StepMetrics metrics) {
            steps.add(metrics);
        }
    }

    @Test
    void listenersSeeTheSameTokensAndWhatAStepCost() {
        Shown here = new Shown();
        Shown there = new Shown();
        Runs.PSFT.here(Runs.PSFT.model()).listener(here).build().fit(Runs.data());
        try (SparkTrainer spark = SparkTrainer.on(context)) {
            Runs.PSFT.on(spark, Runs.PSFT.model()).listener(there).build().fit(Runs.data());
        }
        assertEquals(here.tokens, there.tokens);
        StepMetrics last = there.steps.get(Runs.STEPS - 1);
        assertEquals(here.steps.get(Runs.STEPS - 1).report(), last.report());
        assertTrue(last.measure("cluster_compute_seconds") > 0, last.measures().toString());
        assertTrue(last.measure("cluster_weights_seconds") > 0, last.measures().toString());
        assertTrue(last.measure("cluster_sum_seconds") > 0, last.measures().toString());
        assertTrue(last.measure("cluster_driver_seconds") > 0, last.measures().toString());
        long bytes = 4 * Runs.PSFT.model().trainedParameters();
        assertEquals(bytes, last.measure("cluster_weights_bytes"));
        assertEquals(2 * bytes, last.measure("cluster_gradients_bytes"), "two slices in the last mini-batch");
    }

    @Test
    void thePartsOfAStepAddUpToItsTime() {
        List<TaskResult<String>> tasks = List.of(
                new TaskResult<>(new Object[0], 100_000_000, 3_000_000_000L),
                new TaskResult<>(new Object[0], 300_000_000, 4_000_000_000L));
        StepCost cost =
                StepCost.of(tasks, new StepCost.Driver(50_000_000, 70_000_000, 5_000_000_000L, 900_000_000, 10, 20));
        assertEquals(3.5, cost.compute(), 1e-9);
        assertEquals(0.6, cost.waiting(), 1e-9);
        assertEquals(0.25, cost.weights(), 1e-9);
        assertEquals(0.07, cost.sum(), 1e-9);
        assertEquals(0.58, cost.wire(), 1e-9);
        assertEquals(0.9, cost.driver(), 1e-9);
    }

    /** Fails on executors and on the driver alike. */
    private record Broken() implements TokenObjective {
        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            throw new IllegalStateException("label 7 has no meaning");
        }
    }

    @Test
    void aTaskThatFailsEveryTimeEndsTheRunWithItsReason() {
        CausalLm model = Runs.SFT.model();
        Exception failed;
        try (SparkTrainer spark = SparkTrainer.on(context)) {
            failed = assertThrows(
                    RefusedException.class,
                    () -> Runs.SFT
                            .on(spark, model)
                            .objective(new Broken())
                            .build()
                            .fit(Runs.data()));
        }
        assertTrue(failed.getMessage().contains("label 7 has no meaning"), failed.getMessage());
        assertArrayEquals(Runs.weights(Runs.SFT.model()), Runs.weights(model), "no step was taken");
    }

    @Test
    void executorsHaveOneCollectorAndTheMemoryOfTheCommand() {
        SparkConf conf = SparkTrainer.configure(new SparkConf(false));
        assertTrue(conf.get("spark.executor.extraJavaOptions").contains("-XX:+UseSerialGC"));
        assertEquals("glibc.malloc.hugetlb=1", conf.get("spark.executorEnv.GLIBC_TUNABLES"));
        for (String key : List.of("spark.executor.defaultJavaOptions", "spark.executorEnv.JDK_JAVA_OPTIONS")) {
            SparkConf given = SparkTrainer.configure(new SparkConf(false).set(key, "-Xss2m -XX:+UseG1GC"));
            String ours = given.get("spark.executor.extraJavaOptions");
            assertFalse(ours.contains("GC"), key + ": Java refuses to start with two collectors: " + ours);
        }
    }

    @Test
    void aJavaThatSparkDoesNotRunOnIsRefused() {
        Exception refused = assertThrows(RefusedException.class, () -> SparkTrainer.requireJava(26));
        assertTrue(refused.getMessage().contains("Java 17 to 25"), refused.getMessage());
        SparkTrainer.requireJava(25);
    }
}
