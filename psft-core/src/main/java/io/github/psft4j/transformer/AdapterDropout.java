package io.github.psft4j.transformer;

import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.SequenceSeeds;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.random.RowDropout;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Dropout of what the adapters see in training passes, PEFT's {@code lora_dropout}: {@code y += scaling B (A (m x))},
 * with m 0 or {@code 1 / (1 - rate)} for every number, module and token of its own.
 *
 * <p>m is a function of (seed, step, key of the sequence, position, module), so that padding, micro-batches,
 * recomputation and a resumed run do not change it. Passes without gradients, such as the one that takes pi_old, see
 * none.
 */
public final class AdapterDropout {

    /** Modules of a block are fewer. */
    private static final int MODULES = 64;

    private final double rate;
    private final SequenceSeeds seeds;

    /**
     * @param rate in (0, 1)
     * @param seed of what is left out
     */
    public AdapterDropout(double rate, long seed) {
        this.rate = rate;
        this.seeds = new SequenceSeeds("dropout", RowDropout.seed(seed, MODULES)); // apart from that of embedding noise
    }

    /** Makes training passes of the graph leave inputs out; null makes them plain again. */
    public static void install(ComputationGraph graph, AdapterDropout dropout) {
        for (Layer layer : graph.getLayers()) {
            if (layer instanceof DecoderBlockLayer block) {
                block.dropout = dropout;
            }
        }
    }

    /**
     * Says what the next training pass sees.
     *
     * @param optimizerStep number of the step
     * @param sequenceKeys what distinguishes the sequences, such as their index in the data, {@code [S]}
     */
    public void next(long optimizerStep, int[] sequenceKeys) {
        seeds.next(optimizerStep, sequenceKeys);
    }

    /**
     * What the modules of a block see, each other numbers.
     *
     * @param block number of the block
     */
    record Inputs(AdapterDropout dropout, SequenceLayout segments, int block) {

        /** {@code out = m x} for a module of the block; in place where out is x. */
        void apply(TensorOps ops, int module, INDArray x, INDArray out) {
            ops.vectors().dropout(x, dropout.rows(segments, block, module), dropout.rate, out);
        }
    }

    /** A seed per token row {@code [B * T]} for a module of a block; 0 at padding. */
    long[] rows(SequenceLayout segments, int block, int module) {
        long[] ofSequences = seeds.of(segments);
        long[] rows = new long[segments.batch() * segments.time()];
        for (int s = 0; s < ofSequences.length; s++) {
            long own = RowDropout.seed(ofSequences[s], (long) block * MODULES + module);
            for (int t = 0; t < segments.length(s); t++) {
                rows[segments.start(s) + t] = RowDropout.seed(own, t);
            }
        }
        return rows;
    }
}
