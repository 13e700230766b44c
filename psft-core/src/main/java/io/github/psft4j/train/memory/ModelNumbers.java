package io.github.psft4j.train.memory;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.transformer.BlockForward.Room;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.Map;

/**
 * What a model's weights take, known from its architecture.
 *
 * @param config architecture
 * @param width bytes of a number in memory, 4 for FLOAT and 8 for DOUBLE
 * @param precision of the products
 * @param adapter parameters of the adapter that is trained beside frozen weights; 0 if all weights are trained
 * @param room what the adapters of a block need
 * @param frozenWidth bytes of a frozen weight
 * @param reference parameters of the frozen reference model, 0 without one
 * @param critic parameters of a critic with a trunk of its own, 0 without one
 */
public record ModelNumbers(
        DecoderConfig config,
        int width,
        Precision precision,
        long adapter,
        Room room,
        int frozenWidth,
        long reference,
        long critic) {

    /** A model whose weights are all trained. */
    public static ModelNumbers of(DecoderConfig config, int width, Precision precision) {
        return new ModelNumbers(config, width, precision, 0, Room.of(0), width, 0, 0);
    }

    /** The same beside a frozen reference model of so many parameters. */
    public ModelNumbers withReference(long parameters) {
        return new ModelNumbers(config, width, precision, adapter, room, frozenWidth, parameters, critic);
    }

    /**
     * The same with an adapter of so many parameters and frozen weights; 0 leaves all weights trained.
     *
     * @param needed by the adapters of a block
     */
    public ModelNumbers withAdapter(long parameters, Room needed) {
        return parameters == 0
                ? this
                : new ModelNumbers(config, width, precision, parameters, needed, frozenWidth, reference, critic);
    }

    /** The same with frozen weights of so many bytes each, such as 2 for bfloat16. */
    public ModelNumbers withFrozenWidth(int bytes) {
        return new ModelNumbers(config, width, precision, adapter, room, bytes, reference, critic);
    }

    /** The same beside a critic of so many parameters with a trunk of its own. */
    public ModelNumbers withCritic(long parameters) {
        return new ModelNumbers(config, width, precision, adapter, room, frozenWidth, reference, parameters);
    }

    /** Bytes of all weights: those of a model that is trained whole, or frozen ones and an adapter. */
    public long weights() {
        return adapter > 0
                ? Math.addExact(Math.multiplyExact(config.parameters(), (long) frozenWidth), adapter * width)
                : Math.multiplyExact(config.parameters(), (long) width);
    }

    /** Trained numbers: those of the adapter, or all weights. */
    long trained() {
        return adapter > 0 ? adapter : config.parameters();
    }

    /** Bytes of the gradients of a table and of a block, which lie beside the sum over micro-batches. */
    long gradientsBesideTheirSum() {
        long tables = adapter > 0 ? 0 : table() * (config.tiedEmbeddings() ? 1 : 2);
        return ((tables > 0 ? table() : 0) + (trained() - tables) / config.layers()) * width;
    }

    /** The same with a fresh adapter of this rank on every linear layer of the blocks. */
    public ModelNumbers withAdapterOfRank(int r) {
        return withAdapter(adapterOf(r), Room.of(3 * r)); // query, key and value share a weight
    }

    /** Parameters of adapters of rank r on query, key, value, output, gate, up and down. */
    private long adapterOf(long r) {
        long d = config.hiddenSize();
        long f = config.intermediateSize();
        long out = (long) config.heads() * config.headDim();
        long qkv = out + 2L * config.kvHeads() * config.headDim();
        long ups = config.gatedMlp() ? 2 : 1;
        return config.layers() * r * (3 * d + qkv + out + d + ups * (d + f) + f + d);
    }

    /**
     * Bytes of converted copies of all weights that products take; 0 in F32. In BF16 adapters are among them, but not
     * what is in bfloat16 already.
     */
    long copies() {
        if (precision == Precision.F32) {
            return 0;
        }
        boolean bf16 = precision == Precision.BF16;
        if (bf16 && adapter > 0 && frozenWidth < Float.BYTES) {
            return (adapter + sides()) * Short.BYTES; // modules that are trained whole among the first
        }
        long elements = bf16 ? sides() : 0;
        for (String vertex : DecoderGraph.vertices(config)) {
            elements += vertex.equals(DecoderGraph.EMBEDDING) ? 0 : matrices(vertex);
        }
        return (elements + (config.tiedEmbeddings() ? table() : 0)) * (bf16 ? Short.BYTES : Byte.BYTES);
    }

    /** Numbers of both sides of the adapters as products take them, zeros among them. */
    private long sides() {
        long numbers = 0;
        for (Map.Entry<String, long[]> weight :
                DecoderGraph.weightShapes(config, DecoderGraph.block(0)).entrySet()) {
            long rank = room.ranks().getOrDefault(weight.getKey(), 0);
            numbers += rank == 0 ? 0 : rank * (weight.getValue()[0] + weight.getValue()[1]);
        }
        return config.layers() * numbers;
    }

    /** Those copies that are worth holding when blocks are computed again: of the head and of two blocks. */
    long copiesOfABlock() {
        long blocks = 2 * matrices(DecoderGraph.block(0));
        return Math.min(copies(), (blocks + table()) * Short.BYTES);
    }

    private long table() {
        return (long) config.vocabSize() * config.hiddenSize();
    }

    private long matrices(String vertex) {
        Map<String, long[]> shapes = DecoderGraph.weightShapes(config, vertex);
        return shapes.values().stream()
                .filter(shape -> shape.length == 2)
                .mapToLong(shape -> shape[0] * shape[1])
                .sum();
    }
}
