package io.github.psft4j.spark;

import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.io.Shown;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.FrozenType;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.spark.wire.SentFiles;
import io.github.psft4j.train.memory.ClusterMemory;
import io.github.psft4j.train.memory.ModelNumbers;
import io.github.psft4j.transformer.BlockForward.Room;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.io.Serializable;
import java.nio.file.Path;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * How an executor makes a replica of a model. Of a whole model that is its architecture, because all its weights come
 * with every step. Of a model with an adapter it is the files of both, whose frozen weights travel once.
 */
final class Recipe implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String run;
    private final int number;
    private final DecoderConfig config;
    private final long trained; // parameters
    private final Wire wire;
    private final SentFiles adapter; // null: a whole model
    private final SentFiles base; // of the adapter
    private final SentFiles tokenizer; // null without
    private final FrozenType frozen;
    private final Precision precision;
    private final boolean recompute;
    private final int threads;
    private final String kernels;

    /**
     * @param run the run that the model is trained in: an executor drops the replicas of other runs
     * @param number of the model in it
     * @param adapter files of the adapter, null for a whole model
     * @param base files of its base
     * @param tokenizer files of the tokenizer, null for none
     * @param wire how its trained weights come
     */
    Recipe(String run, int number, CausalLm model, SentFiles adapter, SentFiles base, SentFiles tokenizer, Wire wire) {
        this.run = run;
        this.number = number;
        this.config = model.config();
        this.trained = model.trainedParameters();
        this.wire = wire;
        this.adapter = adapter;
        this.base = base;
        this.tokenizer = tokenizer;
        this.frozen = DecoderGraph.weights(model.graph(), 0).qkv().weight().dataType() == DataType.BFLOAT16
                ? FrozenType.BF16
                : FrozenType.F32;
        this.precision = model.precision();
        this.recompute = DecoderGraph.isRecompute(model.graph());
        this.threads = WorkerPool.shared().workers();
        this.kernels = kernels(model);
    }

    private static String kernels(CausalLm model) {
        return DecoderGraph.ops(model.graph()).name();
    }

    /** Whether a replica still computes as the model does. */
    boolean fits(CausalLm model) {
        return precision == model.precision()
                && recompute == DecoderGraph.isRecompute(model.graph())
                && kernels.equals(kernels(model));
    }

    String run() {
        return run;
    }

    int number() {
        return number;
    }

    /** What a task slot of an executor needs at least, and the ways out, for the message when it has not. */
    String need() {
        ModelNumbers numbers = ModelNumbers.of(config, Float.BYTES, precision)
                .withAdapter(adapter == null ? 0 : trained, Room.of(0))
                .withFrozenWidth(frozen == FrozenType.BF16 ? Short.BYTES : Float.BYTES);
        return Shown.format(
                "A replica of %,d parameters, %,d of them trained, needs at least %,d MB outside the Java heap (weights"
                        + " and gradient, without activations) and %,d MB of heap (weights and gradient on the wire)"
                        + " for each task slot. Give executors more memory (spark.executor.memoryOverhead,"
                        + " spark.executor.memory) or one slot each, or make micro-batches smaller",
                config.parameters(),
                trained,
                megabytes(ClusterMemory.slotLeast(numbers)),
                megabytes(ClusterMemory.slotHeap(numbers, wire.bytes())));
    }

    private static long megabytes(long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }

    /** Threads of the kernels, which decide the last bits of a gradient. */
    int threads() {
        return threads;
    }

    /**
     * The replica, whose trained weights are still to come.
     *
     * @throws RefusedException if this process would compute other bits than the driver's
     */
    CausalLm make() {
        System.getProperties().putIfAbsent(WorkerPool.THREADS_PROPERTY, Integer.toString(threads));
        TensorOpsFactory.forType(DataType.FLOAT);
        CausalLm model = load();
        model.setPrecision(precision);
        DecoderGraph.setRecompute(model.graph(), recompute);
        String here = kernels(model);
        if (!here.equals(kernels)) {
            throw new RefusedException(
                    "an executor computes with other kernels than the driver, so its bits may differ:"
                            + " there " + here + ", on the driver " + kernels
                            + ". Start executors and driver on the same kind"
                            + " of machine with the same options of Java (spark.executor.extraJavaOptions); -D"
                            + WorkerPool.THREADS_PROPERTY
                            + " sets the workers, --add-modules jdk.incubator.vector the loops");
        }
        return model;
    }

    private CausalLm load() {
        if (adapter != null) {
            return adapter.with(own -> base.with(dir -> LoraModels.load(own, dir, DataType.FLOAT, frozen)));
        }
        return tokenizer == null
                ? CausalLm.create(config, null, 0)
                : tokenizer.with((Path dir) -> CausalLm.create(config, Tokenizer.load(dir), 0));
    }
}
