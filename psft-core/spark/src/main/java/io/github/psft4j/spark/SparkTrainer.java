package io.github.psft4j.spark;

import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.checkpoint.DirectoryStorage;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Trains on the cluster of a Spark context of the caller's.
 *
 * <pre>{@code
 * try (SparkTrainer spark = SparkTrainer.on(context)) {
 *     spark.builder(model).macroBatch(64).miniBatch(8).microBatch(2).build().fit(demonstrations);
 * }
 * }</pre>
 *
 * <p>Micro-batches are the slices. The trainer sits in the driver: it holds weights, AdamW's moments and checkpoints.
 * With a {@code SparkSession} the context is {@code JavaSparkContext.fromSparkContext(session.sparkContext())}.
 */
public final class SparkTrainer implements AutoCloseable {

    /** The newest Java that Spark 4.2 runs on. */
    private static final int NEWEST_JAVA = 25;

    private final SparkWorkers workers;

    private SparkTrainer(JavaSparkContext context) {
        this.workers = new SparkWorkers(context, false);
    }

    /** A trainer on the executors of a context, which stays the caller's: {@link #close} leaves it open. */
    public static SparkTrainer on(JavaSparkContext context) {
        return new SparkTrainer(context);
    }

    /**
     * Adds what a cluster for training needs, where the caller has not set it.
     *
     * <p>Those are options of Java that give executors the kernels of this process, as many cores per task as the
     * kernels have threads, and no wait for a particular executor.
     *
     * @throws RefusedException on a Java that Spark does not run on
     */
    public static SparkConf configure(SparkConf conf) {
        requireJava(Runtime.version().feature());
        int threads = WorkerPool.shared().workers();
        conf.setIfMissing(
                "spark.executor.extraJavaOptions",
                ExecutorOptions.java(threads, conf.get("spark.executor.defaultJavaOptions", "") + javaVariables(conf)));
        conf.setIfMissing("spark.task.cpus", Integer.toString(threads));
        conf.setIfMissing("spark.executorEnv.OMP_NUM_THREADS", "1"); // the kernels have threads of their own
        conf.setIfMissing("spark.executorEnv.OMP_WAIT_POLICY", "PASSIVE");
        // As the command psft gives the driver (glibc, OpenBLAS); workers of a cluster start without it.
        conf.setIfMissing("spark.executorEnv.MALLOC_MMAP_THRESHOLD_", "4194304");
        conf.setIfMissing("spark.executorEnv.MALLOC_TRIM_THRESHOLD_", "67108864");
        conf.setIfMissing("spark.executorEnv.OPENBLAS_THREAD_TIMEOUT", "4");
        conf.setIfMissing("spark.executorEnv.GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
        conf.setIfMissing("spark.locality.wait", "0s");
        conf.setIfMissing("spark.broadcast.compress", "false"); // weights do not get smaller
        conf.setIfMissing("spark.driver.maxResultSize", "0"); // gradients of all slices come home at once
        return conf;
    }

    /** Options that Java itself reads from the environment of an executor, which may be that of this process. */
    private static String javaVariables(SparkConf conf) {
        StringBuilder out = new StringBuilder();
        for (String name : List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS")) {
            String here = System.getenv(name);
            out.append(' ').append(conf.get("spark.executorEnv." + name, here == null ? "" : here));
        }
        return out.toString();
    }

    /** Refuses a Java that Spark does not run on. */
    static void requireJava(int version) {
        if (version > NEWEST_JAVA) {
            throw new RefusedException("Spark 4.2 runs on Java 17 to " + NEWEST_JAVA + ", this is Java " + version
                    + "; point JAVA_HOME to one of these, or train without a cluster");
        }
    }

    /** Settings of a trainer whose gradients and log-probs the executors compute. */
    public TrainerBuilder builder(CausalLm model) {
        return PsftTrainer.builder(model).workers(workers);
    }

    /**
     * Demonstrations of files that the cluster reaches, such as {@code hdfs://HOST/data} or {@code s3a://BUCKET/data}:
     * Parquet and plain JSON Lines, or directories of them. Executors read and tokenise; the driver keeps the tokens in
     * a memory-mapped file. Order and tokens are those of a local copy.
     *
     * @param files URIs of files or directories
     * @param options of the reader, whose paths do not count
     * @param tokenizer the model's; may be null for pre-tokenised rows
     * @param template the model's chat template, null if it has none
     * @return the demonstrations for {@code fit}, to be closed
     * @throws io.github.psft4j.data.rows.DataFormatException naming file, line, field and remedy, if a row or file is
     *     invalid, there is no row, or no row is left
     */
    public DemonstrationSet read(List<String> files, DataOptions options, Tokenizer tokenizer, ChatTemplate template) {
        return workers.read(files, options, tokenizer, template);
    }

    /**
     * Demonstrations of rows that your program has made, in the order of the RDD: its partitions, and the rows of each.
     * Columns and layouts are those of JSON Lines. A {@code Dataset<Row>} gives such rows with
     * {@code dataset.orderBy("id").toJSON().javaRDD()}; without an order of its own, its order may change from run to
     * run, and a resumed run refuses data in another order.
     *
     * @param rows each a JSON object, such as {@code {"prompt": "1+1=", "completion": "2"}}
     * @param options of the reader, whose paths do not count
     * @param tokenizer the model's; may be null for pre-tokenised rows
     * @param template the model's chat template, null if it has none
     * @return the demonstrations for {@code fit}, to be closed
     * @throws io.github.psft4j.data.rows.DataFormatException naming partition, row, field and remedy, if a row is
     *     invalid, there is no row, or no row is left
     */
    public DemonstrationSet read(
            JavaRDD<String> rows, DataOptions options, Tokenizer tokenizer, ChatTemplate template) {
        return workers.read(rows, options, tokenizer, template);
    }

    /**
     * A directory of any file system of Hadoop, for {@link io.github.psft4j.train.CheckpointPolicy#copiedTo}.
     *
     * @param uri such as {@code hdfs://HOST/runs/1} or {@code s3a://BUCKET/runs/1}
     */
    public DirectoryStorage directory(String uri) {
        return workers.directory(uri);
    }

    /** Frees what was sent to the executors. */
    @Override
    public void close() {
        workers.close();
    }
}
