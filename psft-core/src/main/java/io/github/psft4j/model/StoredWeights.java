package io.github.psft4j.model;

import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.hf.config.ModelFamily;
import io.github.psft4j.hf.safetensors.ModelWeights;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;

/** The weights of a model directory, checked against its architecture and read into a graph. */
final class StoredWeights {

    /** Parameters that may be allocated independent of the weights: 64 MB. */
    private static final long TINY = 1 << 24;

    private StoredWeights() {}

    /**
     * Parameters are allocated from config.json before weights are read, so their size must be in proportion to the
     * weights. If it is, a tensor that is missing or has another shape is named when it is read.
     */
    static void requireProportion(Path dir, DecoderConfig config, ModelWeights weights) {
        long stored = weights.elements();
        long wanted;
        try {
            wanted = config.parameters();
        } catch (ArithmeticException e) {
            wanted = Long.MAX_VALUE;
        }
        if (wanted / 2 > stored + TINY) {
            throw new ModelFormatException(dir.resolve("config.json") + " describes a model of "
                    + (wanted == Long.MAX_VALUE ? "more than 2^63" : wanted) + " parameters, " + weights.source()
                    + " has "
                    + stored + "; they are not of the same model, or a file is incomplete: fetch the directory again");
        }
    }

    /** A tensor of the files, and where it goes. */
    private record Place(String name, INDArray view) {}

    /** Reads every tensor into its place; refuses tensors that have none. */
    static void read(ModelWeights weights, ModelFamily family, DecoderConfig config, ModelFamily.Source target) {
        TreeSet<String> unknown = new TreeSet<>(weights.names());
        List<Place> places = new ArrayList<>();
        family.tensors(config, target).forEach((name, view) -> {
            String bare = withoutPrefix(name, family.basePrefix());
            String stored = !unknown.contains(name) && unknown.contains(bare) ? bare : name;
            if (config.tiedEmbeddings() && name.equals(family.embedding()) && !unknown.contains(stored)) {
                stored = unknown.contains(ModelFamily.HEAD) ? ModelFamily.HEAD : stored; // one of the two is enough
            }
            unknown.remove(stored);
            places.add(new Place(stored, view));
        });
        read(weights, places);
        unknown.removeIf(name -> family.isRedundant(name, config));
        if (!unknown.isEmpty()) {
            throw new ModelFormatException(weights.source()
                    + " holds tensors that the architecture of config.json has no place for: " + unknown
                    + "; the model is of another family or was changed (adapters must be merged first)");
        }
    }

    /**
     * The workers take one tensor after the other: the memory that is written for the first time costs more than the
     * reading. Of several tensors with a fault, the first is named, whoever was faster.
     */
    private static void read(ModelWeights weights, List<Place> places) {
        AtomicInteger next = new AtomicInteger();
        RuntimeException[] failures = new RuntimeException[places.size()];
        boolean cpu = Nd4j.getExecutioner().type() == OpExecutioner.ExecutionerType.NATIVE_CPU;
        WorkerPool workers = cpu ? WorkerPool.shared() : new WorkerPool(1); // other backends stage by operations
        workers.run(worker -> {
            for (int i = next.getAndIncrement(); i < failures.length; i = next.getAndIncrement()) {
                try {
                    weights.readInto(places.get(i).name, places.get(i).view);
                } catch (RuntimeException e) {
                    failures[i] = e;
                    next.set(failures.length); // those behind it need not be read
                }
            }
        });
        for (RuntimeException failure : failures) {
            if (failure != null) {
                throw failure;
            }
        }
    }

    private static String withoutPrefix(String name, String prefix) {
        return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    }

    /** Parameters of a graph by vertex and name. */
    static ModelFamily.Source parametersOf(ComputationGraph graph) {
        return (vertex, name) -> graph.getLayer(vertex).getParam(name);
    }
}
