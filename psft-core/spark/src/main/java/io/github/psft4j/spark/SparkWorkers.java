package io.github.psft4j.spark;

import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.NonFiniteLossException;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.Reporting;
import io.github.psft4j.policy.Scoring;
import io.github.psft4j.spark.data.HadoopDirectory;
import io.github.psft4j.spark.data.SparkData;
import io.github.psft4j.spark.wire.Stages;
import io.github.psft4j.train.checkpoint.DirectoryStorage;
import io.github.psft4j.train.slice.GradientWork;
import io.github.psft4j.train.slice.SliceWorkers;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationResult;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The executors of a Spark context as workers of a trainer. A stage computes the slices of one mini-batch under one
 * copy of the trained weights, a broadcast that lives as long as the stage. Results come home in the order of the
 * slices: {@code collect} keeps it, where {@code reduce} adds in the order of arrival.
 */
final class SparkWorkers implements SliceWorkers {

    /** Tokens and padding of a task that scores, some 16 MB on the wire: data sets are scored in several stages. */
    private static final long TASK_POSITIONS = 2 << 20;

    /** Of a part of the data; its tokens pass through the heap of the driver. */
    private static final long PART_BYTES = 32 << 20;

    private final JavaSparkContext context;
    private final boolean own;
    private final Wire wire;
    private final SentModels models;
    private StepCost cost = StepCost.NONE;
    private INDArray landing; // [P], a gradient that came home; null before the first
    private long idleSince; // end of the last gradients, moved by the time of other stages; 0 before the first

    /** @param own whether the context ends with these workers */
    SparkWorkers(JavaSparkContext context, boolean own) {
        this(context, own, Wire.of(context.getConf()));
    }

    SparkWorkers(JavaSparkContext context, boolean own, Wire wire) {
        this.context = context;
        this.own = own;
        this.wire = wire;
        this.models = new SentModels(context, wire);
    }

    @Override
    public void gradients(CausalLm model, GradientWork work, List<MicroBatch> slices, Sink sink) {
        long start = System.nanoTime();
        Set<Column> declared = work.loss().objective().columns();
        Map<Column, Map<Integer, double[]>> columns = new HashMap<>(work.columns());
        columns.keySet().retainAll(declared);
        long between = idleSince == 0 ? -1 : start - idleSince;
        Stage<SliceResult> stage = run(
                model, cut(slices, columns), (recipe, weights) -> new GradientFunction(recipe, weights, work, wire));
        long computed = System.nanoTime();
        long bytes = 0;
        int slice = 0;
        if (landing == null || landing.length() != model.trainedParameters()) {
            landing = Nd4j.createUninitialized(DataType.FLOAT, model.trainedParameters());
        }
        for (SliceResult part : parts(stage)) {
            bytes += part.gradient().bytes();
            part.gradient().copyTo(landing);
            sink.accept(
                    slices.get(slice++),
                    part.report().report(),
                    part.trace() == null ? null : part.trace().trace(),
                    landing);
        }
        idleSince = System.nanoTime();
        cost = StepCost.of(
                stage.results(),
                new StepCost.Driver(
                        stage.copyNanos(),
                        idleSince - computed,
                        idleSince - start,
                        between,
                        stage.weightBytes(),
                        bytes));
    }

    /**
     * What the slices gave, in their order.
     *
     * @throws NonFiniteLossException if one is not finite
     */
    private static List<SliceResult> parts(Stage<SliceResult> stage) {
        List<SliceResult> out = new ArrayList<>();
        for (TaskResult<SliceResult> result : stage.results()) {
            for (int i = 0; i < result.size(); i++) {
                SliceResult part = result.part(i);
                if (part.problem() != null) {
                    throw NonFiniteLossException.repeated(part.problem());
                }
                out.add(part);
            }
        }
        return out;
    }

    @Override
    public Map<Integer, double[]> of(CausalLm model, Scoring how, List<MicroBatch> slices) {
        Map<Integer, double[]> out = new TreeMap<>();
        inStages(
                slices,
                stage -> run(model, cut(stage, Map.of()), (recipe, weights) -> new ScoreFunction(recipe, weights, how))
                        .results()
                        .forEach(result -> out.putAll(result.part(0))));
        return out;
    }

    @Override
    public List<LossReport> reports(CausalLm model, Reporting how, List<MicroBatch> slices) {
        List<LossReport> out = new ArrayList<>();
        inStages(slices, stage -> {
            Map<Column, Map<Integer, double[]>> columns = new EnumMap<>(Column.class);
            how.columns()
                    .forEach((column, values) -> columns.put(
                            column,
                            stage.stream()
                                    .flatMapToInt(slice -> IntStream.of(slice.numbers()))
                                    .boxed()
                                    .collect(Collectors.toMap(number -> number, values::apply))));
            parts(run(model, cut(stage, columns), (recipe, weights) -> new ReportFunction(recipe, weights, how)))
                    .forEach(part -> out.add(part.report().report()));
        });
        return out;
    }

    /** Gives slices that have tokens for every task slot, again and again. */
    private void inStages(List<MicroBatch> slices, Consumer<List<MicroBatch>> work) {
        List<MicroBatch> stage = new ArrayList<>();
        long positions = 0;
        for (MicroBatch slice : slices) {
            stage.add(slice);
            positions += (long) slice.layout().batch() * slice.layout().time();
            if (positions >= slots() * TASK_POSITIONS) {
                work.accept(stage);
                stage.clear();
                positions = 0;
            }
        }
        if (!stage.isEmpty()) {
            work.accept(stage);
        }
    }

    @Override
    public List<GenerationResult> sample(
            CausalLm model, List<int[]> prompts, List<long[]> seeds, GenerationConfig settings) {
        List<PromptData> tasks = cut(prompts.size(), (from, to) -> {
            return new PromptData(prompts.subList(from, to), seeds.subList(from, to));
        });
        List<GenerationResult> out = new ArrayList<>();
        for (TaskResult<SampleData> result : run(
                        model, tasks, (recipe, weights) -> new SampleFunction(recipe, weights, settings))
                .results()) {
            for (int i = 0; i < result.size(); i++) {
                out.add(result.part(i).result());
            }
        }
        return out;
    }

    @Override
    public DemonstrationSet read(List<String> files, DataOptions options, Tokenizer tokenizer, ChatTemplate template) {
        return new SparkData(context, PART_BYTES).read(files, options, tokenizer, template);
    }

    /** Reads rows that a program has made, each a JSON object. */
    DemonstrationSet read(JavaRDD<String> rows, DataOptions options, Tokenizer tokenizer, ChatTemplate template) {
        return new SparkData(context, PART_BYTES).read(rows, options, tokenizer, template);
    }

    @Override
    public DirectoryStorage directory(String uri) {
        return new HadoopDirectory(uri, context.hadoopConfiguration());
    }

    private List<TaskData> cut(List<MicroBatch> slices, Map<Column, Map<Integer, double[]>> columns) {
        return cut(
                slices.size(),
                (from, to) -> new TaskData(slices.subList(from, to).stream()
                        .map(slice -> new SliceData(slice, columns))
                        .toList()));
    }

    /** Tasks that run at a time. */
    private int slots() {
        int cores = context.sc().conf().getInt("spark.task.cpus", 1);
        return Math.max(1, context.defaultParallelism() / cores);
    }

    /** Makes something of the elements [from, to). */
    private interface Part<D> {
        D of(int from, int to);
    }

    /** As many tasks as the cluster has slots, each with neighbouring elements; how many changes no result. */
    private <D> List<D> cut(int n, Part<D> part) {
        int count = Math.min(n, slots());
        List<D> tasks = new ArrayList<>();
        for (int t = 0; t < count; t++) {
            tasks.add(part.of(start(n, t, count), start(n, t + 1, count)));
        }
        return tasks;
    }

    /** What a stage gave, and what the copy of the weights before it took. */
    private record Stage<T extends Serializable>(List<TaskResult<T>> results, long copyNanos, long weightBytes) {}

    /** Runs a stage under the model's weights as they are. */
    private <D extends Serializable, T extends Serializable> Stage<T> run(
            CausalLm model, List<D> tasks, BiFunction<Recipe, Broadcast<Weights>, ReplicaFunction<D, T>> work) {
        if (tasks.isEmpty()) {
            return new Stage<>(List.of(), 0, 0);
        }
        long start = System.nanoTime();
        Recipe recipe = models.recipe(model);
        Weights copy = new Weights(model.graph().params(), wire);
        Broadcast<Weights> weights = context.broadcast(copy);
        long copied = System.nanoTime();
        try {
            List<TaskResult<T>> results = Stages.collect(
                    context.parallelize(tasks, tasks.size()).map(work.apply(recipe, weights)), recipe.need());
            return new Stage<>(results, copied - start, copy.bytes());
        } finally {
            if (!context.sc().isStopped()) {
                weights.destroy();
            }
            idleSince += idleSince == 0 ? 0 : System.nanoTime() - start;
        }
    }

    private static int start(int n, int part, int parts) {
        return (int) ((long) n * part / parts);
    }

    @Override
    public Map<String, Double> measures() {
        return cost.measures();
    }

    /** Frees what was sent. */
    @Override
    public void close() {
        models.close();
        if (own) {
            context.close();
        }
    }
}
