package io.github.psft4j.spark;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** A standalone cluster of JVMs of its own on this machine: a master, and workers of one core each. */
final class StandaloneCluster implements AutoCloseable {

    private final Path home; // SPARK_HOME
    private final Path dir;
    private final String url;
    private final List<Process> workers = new ArrayList<>();
    private final Process master;

    /** @param home a folder with the jars of Spark and psft in {@code jars} */
    StandaloneCluster(Path home, Path dir, int workers) throws IOException {
        this.home = home.toAbsolutePath().normalize();
        this.dir = dir;
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        this.url = "spark://127.0.0.1:" + port;
        this.master = start(
                "master",
                List.of(
                        "org.apache.spark.deploy.master.Master",
                        "--host",
                        "127.0.0.1",
                        "--port",
                        "" + port,
                        "--webui-port",
                        "0"));
        for (int w = 0; w < workers; w++) {
            this.workers.add(worker(w));
        }
    }

    /** Starts one worker more. */
    void grow() throws IOException {
        workers.add(worker(workers.size()));
    }

    /** A worker, which asks the master again and again until it answers. */
    private Process worker(int number) throws IOException {
        String name = "worker" + number;
        return start(
                name,
                List.of(
                        "org.apache.spark.deploy.worker.Worker",
                        "--host",
                        "127.0.0.1",
                        "--cores",
                        "1",
                        "--memory",
                        "512m",
                        "--webui-port",
                        "0",
                        "--work-dir",
                        dir.resolve(name).toString(),
                        url));
    }

    private Process start(String name, List<String> command) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                home.resolve("jars") + File.separator + "*"));
        all.addAll(command);
        File log = dir.resolve(name + ".log").toFile();
        ProcessBuilder builder =
                new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(log);
        builder.environment().put("SPARK_HOME", home.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13"); // which a distribution tells its workers
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        return builder.start();
    }

    /** The master's name. */
    String url() {
        return url;
    }

    /** A driver in this process. */
    JavaSparkContext context(int executors) {
        SparkConf conf = new SparkConf(false)
                .setMaster(url)
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.executor.memory", "512m")
                .set("spark.executor.cores", "1")
                .set("spark.cores.max", "" + executors)
                .set("spark.scheduler.minRegisteredResourcesRatio", "1.0")
                .set("spark.scheduler.maxRegisteredResourcesWaitingTime", "60s");
        return new JavaSparkContext(SparkTrainer.configure(conf));
    }

    /** Kills the executor of a worker with SIGKILL once it has one; the worker starts another. */
    boolean killExecutor(int worker) throws InterruptedException {
        for (int i = 0; i < 600; i++) {
            Optional<ProcessHandle> executor = workers.get(worker).children().findFirst();
            if (executor.isPresent()) {
                return executor.get().destroyForcibly();
            }
            Thread.sleep(50);
        }
        return false;
    }

    /** Kills a worker and its executor with SIGKILL, and starts another worker in its place. */
    boolean killWorker(int worker) throws IOException {
        Process old = workers.get(worker);
        old.descendants().forEach(ProcessHandle::destroyForcibly);
        old.destroyForcibly();
        workers.set(worker, worker(worker));
        return true;
    }

    @Override
    public void close() throws InterruptedException {
        List<Process> all = new ArrayList<>(workers);
        all.add(master);
        for (Process process : all) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            process.waitFor(10, TimeUnit.SECONDS);
        }
    }
}
