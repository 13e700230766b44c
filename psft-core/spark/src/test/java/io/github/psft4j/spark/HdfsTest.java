package io.github.psft4j.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.data.DemonstrationFiles;
import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.checkpoint.DirectoryStorage;
import java.io.File;
import java.nio.file.Files;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real HDFS of one name node and one data node: data are read from it, checkpoints copied to it. */
class HdfsTest {

    private static final java.nio.file.Path RESOURCES =
            java.nio.file.Path.of(System.getProperty("psft.models", "../src/test/resources"));

    @TempDir
    static java.nio.file.Path dir;

    private static MiniDFSCluster hdfs;
    private static FileSystem files;
    private static JavaSparkContext context;
    private static SparkTrainer spark;

    @BeforeAll
    static void open() throws Exception {
        File home = dir.resolve("hdfs").toFile();
        hdfs = new MiniDFSCluster.Builder(new Configuration(), home)
                .numDataNodes(1)
                .build();
        files = hdfs.getFileSystem();
        SparkConf conf =
                new SparkConf().setMaster("local[2,2]").setAppName("test").set("spark.ui.enabled", "false");
        context = new JavaSparkContext(SparkTrainer.configure(conf).set("spark.task.cpus", "1"));
        spark = SparkTrainer.on(context);
    }

    @AfterAll
    static void close() {
        spark.close();
        context.close();
        hdfs.shutdown(true);
    }

    private static String uri(String path) {
        return hdfs.getURI() + path;
    }

    private static void damage(String file) throws Exception {
        try (FSDataOutputStream out = files.append(new Path(file))) {
            out.write(7);
        }
    }

    @Test
    void dataHaveTheTokensAndTheOrderOfALocalCopy() throws Exception {
        java.nio.file.Path lines = Files.writeString(dir.resolve("lines.jsonl"), """
                {"prompt": "Tom has ", "completion": "two cats."}
                {"prompt": "Anna has ", "completion": "a dog."}
                """);
        java.nio.file.Path rows = RESOURCES.resolve("data").resolve("parquet").resolve("pairs.pyarrow.parquet");
        try (Tokenizer tokenizer = Tokenizer.load(RESOURCES.resolve("models").resolve("stories260K"))) {
            for (java.nio.file.Path file : List.of(lines, rows)) {
                String there = "/data/" + file.getFileName();
                files.copyFromLocalFile(new Path(file.toUri()), new Path(there));
                DataOptions options = DataOptions.builder(file).build();
                try (DemonstrationSet here = DemonstrationFiles.read(options, tokenizer, null);
                        DemonstrationSet read = spark.read(List.of(uri(there)), options, tokenizer, null)) {
                    assertEquals(List.copyOf(here), List.copyOf(read), there);
                }
            }
        }
    }

    @Test
    void aRunGoesOnFromItsCopiesOnAnotherMachineToTheSameBits() throws Exception {
        DirectoryStorage copies = spark.directory(uri("/runs/1"));
        CausalLm first = Runs.PSFT.model();
        Runs.PSFT
                .on(spark, first)
                .checkpoints(CheckpointPolicy.every(5, dir.resolve("first"))
                        .keep(3, 0)
                        .copiedTo(copies))
                .build()
                .fit(Runs.data());
        assertArrayEquals(Runs.PSFT.expected(), Runs.weights(first));
        assertEquals(List.of("step-00000005", "step-00000010", "step-00000012"), copies.list());

        files.delete(new Path("/runs/1/step-00000012"), true);
        damage("/runs/1/step-00000010/optimizer.safetensors");
        CausalLm second = Runs.PSFT.model();
        Runs.PSFT
                .on(spark, second)
                .checkpoints(CheckpointPolicy.every(4, dir.resolve("second"))
                        .keep(2, 0)
                        .copiedTo(copies))
                .resumeNewest()
                .build()
                .fit(Runs.data());
        assertArrayEquals(Runs.PSFT.expected(), Runs.weights(second), "from step 5");
        assertEquals(List.of("abandoned-step-00000010", "step-00000008", "step-00000012"), copies.list());
    }

    @Test
    void aWriterThatDiedLeavesWhatWasThereBefore() throws Exception {
        String root = "/runs/2/";
        DirectoryStorage copies = spark.directory(uri(root));
        java.nio.file.Path step = Files.createDirectories(dir.resolve("one").resolve("step-00000001"));
        Files.writeString(step.resolve("manifest.json"), "old");
        copies.put(step);
        files.rename(new Path(root + "step-00000001"), new Path(root + ".replaced-step-00000001"));
        files.mkdirs(new Path(root + ".unfinished-step-00000001"));
        assertEquals(List.of(), copies.list());

        java.nio.file.Path next = Files.createDirectories(dir.resolve("one").resolve("step-00000002"));
        copies.put(next);
        assertEquals(List.of("step-00000001", "step-00000002"), copies.list());
        assertEquals("old", new String(copies.read("step-00000001", "manifest.json")));
        assertEquals(2, files.listStatus(new Path(root)).length, "nothing else is left");
    }
}
