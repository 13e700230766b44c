package io.github.psft4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.io.RefusedException;
import io.github.psft4j.spark.wire.Stages;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.rpc.RpcEnv;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A master that has no executor to give: the driver says so in the end, where Spark would wait for ever. */
@Timeout(300)
class NoExecutorIT {

    private static SparkConf settings(String wait) {
        return new SparkConf()
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set(Stages.WAIT_PROPERTY, wait);
    }

    @Test
    void aStageWithoutExecutorsEndsWithWhatToLookAt() {
        RpcEnv master =
                Master.startRpcEnvAndEndpoint("127.0.0.1", 0, 0, settings("0"))._1();
        String url = "spark://127.0.0.1:" + master.address().port();
        try (JavaSparkContext context = new JavaSparkContext(settings("3s").setMaster(url))) {
            RefusedException refused = assertThrows(
                    RefusedException.class, () -> Stages.collect(context.parallelize(List.of(1), 1), "memory"));
            assertTrue(refused.getMessage().startsWith("no executor of " + url + " for 3 s."), refused.getMessage());
            assertTrue(refused.getMessage().contains("-D" + Stages.WAIT_PROPERTY), refused.getMessage());
        } finally {
            master.shutdown();
        }
    }

    @Test
    void tasksOfThisProcessNeedNoExecutor() {
        try (JavaSparkContext context = new JavaSparkContext(settings("1s").setMaster("local[1]"))) {
            assertEquals(
                    List.of(1),
                    Stages.collect(context.parallelize(List.of(1), 1).map(NoExecutorIT::slow), "memory"));
        }
    }

    private static int slow(int value) throws InterruptedException {
        Thread.sleep(5000);
        return value;
    }
}
