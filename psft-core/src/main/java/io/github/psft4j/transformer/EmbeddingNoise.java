package io.github.psft4j.transformer;

import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.SequenceSeeds;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * NEFTune: uniform noise on the embeddings of training passes (Jain et al., arXiv 2310.05914).
 *
 * <pre>
 * x = embedding + alpha / sqrt(L D) U(-1, 1)
 * </pre>
 *
 * <p>L is the sequence's own length, D the hidden size. The noise of a sequence is a function of (seed, step, key of
 * the sequence), so that neither padding nor micro-batches change it. Passes without gradients, such as the one that
 * takes pi_old, see none: with noise the ratio of every mini-batch but the first differs from 1 for that reason alone.
 */
public final class EmbeddingNoise {

    private final double alpha;
    private final SequenceSeeds seeds;

    /**
     * @param alpha strength, above 0; common 5, 10, 15
     * @param seed of the noise
     * @throws IllegalArgumentException if alpha is not above 0
     */
    public EmbeddingNoise(double alpha, long seed) {
        if (!(alpha > 0 && Double.isFinite(alpha))) {
            throw new IllegalArgumentException("the strength of embedding noise must be above 0, was " + alpha);
        }
        this.alpha = alpha;
        this.seeds = new SequenceSeeds("embedding noise", seed);
    }

    /** Makes training passes of the graph noisy; null makes them plain again. */
    public static void install(ComputationGraph graph, EmbeddingNoise noise) {
        ((TokenEmbeddingLayer) graph.getLayer(DecoderGraph.EMBEDDING)).noise = noise;
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
     * Noise {@code [B * T * D]}, 0 at padding.
     *
     * @throws IllegalStateException if {@link #next} got another number of sequences
     */
    double[] values(SequenceLayout segments, int width) {
        long[] ofSequences = seeds.of(segments);
        double[] out = new double[segments.batch() * segments.time() * width];
        for (int s = 0; s < ofSequences.length; s++) {
            SplittableRandom random = new SplittableRandom(ofSequences[s]);
            double scale = alpha / Math.sqrt((double) segments.length(s) * width);
            for (int i = 0; i < segments.length(s) * width; i++) {
                out[segments.start(s) * width + i] = scale * (2 * random.nextDouble() - 1);
            }
        }
        return out;
    }
}
