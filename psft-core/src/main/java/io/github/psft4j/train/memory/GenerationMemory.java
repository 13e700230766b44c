package io.github.psft4j.train.memory;

import io.github.psft4j.kernel.KeyValueCache;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.train.memory.MemoryPlan.Part;
import io.github.psft4j.train.memory.RunNumbers.Samples;
import io.github.psft4j.transformer.StepArrays;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.generation.Generator;
import java.util.List;

/** What generation takes of the machine's memory: weights, caches of keys and values, working arrays, Java. */
public final class GenerationMemory {

    /** What Java takes without a trainer; measured, see docs/memory.md. */
    private static final long JAVA = 250_000_000;

    private GenerationMemory() {}

    /**
     * The parts at the end of the longest sequence.
     *
     * @param sequences that are continued at a time
     * @param prompt tokens of the longest prompt
     * @param length tokens of the longest sequence, prompt and continuation
     */
    public static List<Part> of(ModelNumbers model, int sequences, int prompt, int length) {
        DecoderConfig c = model.config();
        return List.of(
                part("weights", weights(model)),
                part("keys and values", caches(model, new Samples(sequences, 1, 0), length)),
                part("working arrays and logits", StepArrays.generation(c, sequences, prompt, model.width())),
                part("weights of one byte for products", isNarrow(model) ? 0 : model.copies()),
                part("Java and libraries", JAVA));
    }

    /** Bytes of the weights of a model that only generates: in BF16 two for each. */
    public static long weights(ModelNumbers model) {
        return isNarrow(model) ? Short.BYTES * model.config().parameters() : model.weights();
    }

    private static boolean isNarrow(ModelNumbers model) {
        return model.precision() == Precision.BF16;
    }

    /**
     * Bytes of the caches of samples at the end of the longest, all prompts being as long as the longest. Samples of a
     * prompt share its full pages, unless a window passes over them.
     */
    static long caches(ModelNumbers model, Samples samples, int length) {
        DecoderConfig c = model.config();
        int open = Math.min(samples.sequences(), Generator.MAX_OPEN);
        int groups = (open + samples.group() - 1) / samples.group();
        int prompt = samples.group() > 1 ? Math.max(0, length - samples.newTokens()) : 0;
        long pages = 0;
        for (int i = 0; i < c.layers(); i++) {
            int capacity = KeyValueCache.capacity(c.attention(i, 1, 1), length);
            int shared = capacity < length ? 0 : prompt / KeyValueCache.PAGE;
            pages += (long) groups * shared
                    + (long) open * ((capacity + KeyValueCache.PAGE - 1) / KeyValueCache.PAGE - shared);
        }
        return Math.multiplyExact(2L * KeyValueCache.PAGE * c.kvHeads() * c.headDim() * model.width(), pages);
    }

    /** Bytes of the keys and values of one token. */
    public static long perToken(ModelNumbers model) {
        DecoderConfig c = model.config();
        return 2L * c.layers() * c.kvHeads() * c.headDim() * model.width();
    }

    private static Part part(String what, long bytes) {
        return new Part(what, bytes, false, null);
    }
}
