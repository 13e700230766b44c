package io.github.psft4j.bench;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What this processor does at most, measured in the process of a benchmark. A step of generation reads all matrices,
 * and multiplies each with a row for every sequence; it can be no faster than either.
 *
 * @param readRate bytes per second that all workers read from memory together
 * @param productRate operations per second of a product of 512 rows, a multiplication and an addition being two
 */
record MachineLimits(double readRate, double productRate) {

    /** Bytes that all workers read together: more than caches hold, and no more where there are more workers. */
    private static final int BYTES = 1 << 28;

    private static final int LINE = 64 / Long.BYTES;
    private static final int ROWS = 512;
    private static final int WIDTH = 1024;

    /** Rounds, of which the best counts: what disturbs makes a round slower, never faster. */
    private static final int ROUNDS = 12;

    /** Measures them with the workers of this process and the products of the given operations. */
    static MachineLimits measure(TensorOps ops) {
        return new MachineLimits(readRate(WorkerPool.shared()), productRate(ops.products()));
    }

    private static double readRate(WorkerPool pool) {
        LongBuffer[] regions = new LongBuffer[pool.workers()];
        int size = BYTES / regions.length / (Long.BYTES * LINE) * Long.BYTES * LINE;
        long[] seen = new long[regions.length]; // so that the compiler leaves no read out
        pool.run(worker -> {
            ByteBuffer region = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
            regions[worker] = region.asLongBuffer();
        });
        double seconds = best(() -> pool.run(worker -> seen[worker] ^= read(regions[worker])));
        return (double) size * regions.length / seconds;
    }

    private static long read(LongBuffer words) {
        long bits = 0;
        for (int i = 0; i < words.capacity(); i += LINE) {
            bits ^= words.get(i);
        }
        return bits;
    }

    private static double productRate(Products products) {
        INDArray x = Nd4j.rand(DataType.FLOAT, ROWS, WIDTH);
        INDArray w = Nd4j.rand(DataType.FLOAT, WIDTH, WIDTH);
        INDArray y = Nd4j.create(DataType.FLOAT, ROWS, WIDTH);
        try (WeightScope weights = products.holdWeights()) {
            return 2.0 * ROWS * WIDTH * WIDTH / best(() -> products.linear(x, w, y, 0));
        }
    }

    private static double best(Runnable round) {
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            round.run();
            least = Math.min(least, (System.nanoTime() - start) / 1e9);
        }
        return least;
    }

    /**
     * What a model reads and computes beside these limits.
     *
     * @param passes over all matrices
     * @param tokens that went through them
     * @param seconds for all
     */
    Map<String, Double> beside(DecoderConfig config, Precision precision, long passes, long tokens, double seconds) {
        long lookup = config.tiedEmbeddings() ? 0 : (long) config.vocabSize() * config.hiddenSize();
        double matrices = config.parameters() - lookup;
        int bytes = switch (precision) {
            case F32 -> Float.BYTES;
            case BF16 -> Short.BYTES;
            case INT8 -> Byte.BYTES;
        };
        Map<String, Double> out = new LinkedHashMap<>();
        out.put("weights of a pass, MB", matrices * bytes / 1e6);
        out.put("weights read, GB/s", matrices * bytes * passes / seconds / 1e9);
        out.put("memory at most, GB/s", readRate / 1e9);
        out.put("products, GFLOP/s", 2 * matrices * tokens / seconds / 1e9);
        out.put("products at most, GFLOP/s", productRate / 1e9);
        return out;
    }
}
