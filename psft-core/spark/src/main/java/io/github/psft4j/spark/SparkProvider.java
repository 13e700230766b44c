package io.github.psft4j.spark;

import io.github.psft4j.io.RefusedException;
import io.github.psft4j.train.slice.ClusterProvider;
import io.github.psft4j.train.slice.SliceWorkers;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Opens a Spark context for the command, and closes it with the run. */
public final class SparkProvider implements ClusterProvider {

    @Override
    public SliceWorkers open(String master) {
        SparkConf conf = new SparkConf().setMaster(master); // with what spark-submit or -Dspark.KEY=VALUE say
        conf.setIfMissing("spark.app.name", "psft train");
        if (master.startsWith("local")) {
            conf.setIfMissing("spark.ui.enabled", "false");
        }
        SparkTrainer.configure(conf);
        try {
            return new SparkWorkers(new JavaSparkContext(conf), true);
        } catch (Exception e) { // Scala throws checked ones that Java does not see
            throw new RefusedException("no cluster at --cluster " + master + ": " + e.getMessage(), e);
        }
    }

    @Override
    public int wireBytes() {
        return Wire.of(new SparkConf()).bytes();
    }
}
