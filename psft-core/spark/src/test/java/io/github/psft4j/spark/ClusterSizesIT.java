package io.github.psft4j.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.io.RefusedException;
import io.github.psft4j.model.CausalLm;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clusters of other kinds and sizes: the bits of one process on each, and what an executor without memory says. */
class ClusterSizesIT {

    @TempDir
    static Path dir;

    private static final Map<Runs, float[]> EXPECTED = new EnumMap<>(Runs.class);

    private static StandaloneCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new StandaloneCluster(Path.of(System.getProperty("psft.spark.home")), dir, 0);
        for (Runs run : new Runs[] {Runs.PSFT, Runs.LORA_PSFT}) {
            EXPECTED.put(run, run.expected());
        }
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    private static void assertSameBits(JavaSparkContext context, String where) {
        try (SparkTrainer spark = SparkTrainer.on(context)) {
            EXPECTED.forEach((run, expected) -> {
                CausalLm model = run.model();
                run.on(spark, model).build().fit(Runs.data());
                assertArrayEquals(expected, Runs.weights(model), run + " on " + where);
            });
        }
    }

    @Test
    void oneTwoAndThreeWorkersGiveTheBitsOfOneProcess() throws Exception {
        for (int workers = 1; workers <= 3; workers++) {
            cluster.grow();
            try (JavaSparkContext context = cluster.context(workers)) {
                assertSameBits(context, workers + " workers");
            }
        }
    }

    /** Executors of {@code local-cluster}, which take their jars from SPARK_HOME. */
    private static SparkConf localCluster(String master) {
        return SparkTrainer.configure(new SparkConf(false)
                .setMaster(master)
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.executor.memory", "512m"));
    }

    @Test
    void aLocalClusterGivesTheBitsOfOneProcess() {
        try (JavaSparkContext context = new JavaSparkContext(localCluster("local-cluster[2,1,1024]"))) {
            assertSameBits(context, "local-cluster");
        }
    }

    @Test
    void anExecutorThatCannotHoldTheModelSaysWhatItNeeds() {
        SparkConf conf = localCluster("local-cluster[1,1,1024]");
        String options = conf.get("spark.executor.extraJavaOptions");
        conf.set("spark.executor.extraJavaOptions", options + " -Dorg.bytedeco.javacpp.maxbytes=100k");
        Exception refused;
        try (JavaSparkContext context = new JavaSparkContext(conf);
                SparkTrainer spark = SparkTrainer.on(context)) {
            CausalLm model = SampledRun.model(false);
            refused = assertThrows(
                    RefusedException.class,
                    () -> Runs.SFT.on(spark, model).build().fit(Runs.data()));
        }
        assertTrue(refused.getMessage().contains("Cannot allocate new FloatPointer"), refused.getMessage());
        assertTrue(
                refused.getMessage()
                        .contains("A replica of 260,032 parameters, 260,032 of them trained, needs at least"
                                + " 2 MB outside the Java heap"),
                refused.getMessage());
        assertTrue(refused.getMessage().contains("spark.executor.memoryOverhead"), refused.getMessage());
    }
}
