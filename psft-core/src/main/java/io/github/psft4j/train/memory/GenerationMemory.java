package io.github.psft4j.train.memory;

import io.github.psft4j.train.memory.MemoryPlan.Part;
import io.github.psft4j.transformer.StepArrays;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.List;

/** What generation takes of the machine's memory: weights, caches of keys and values, working arrays, Java. */
public final class GenerationMemory {

    /** Tokens that a cache first has room for. */
    private static final long FIRST_ROOM = 64;

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
                part("weights", model.weights()),
                part("keys and values", caches(model, sequences, length)),
                part("working arrays and logits", StepArrays.generation(c, sequences, prompt, model.width())),
                part("weights in bfloat16 for products", model.copies()),
                part("Java and libraries", MemoryPlan.JAVA));
    }

    /** Bytes of the caches of so many sequences at the end of the longest. */
    static long caches(ModelNumbers model, int sequences, int length) {
        return Math.multiplyExact(perToken(model) * sequences, rooms(length));
    }

    /** Bytes of the keys and values of one token. */
    public static long perToken(ModelNumbers model) {
        DecoderConfig c = model.config();
        return 2L * c.layers() * c.kvHeads() * c.headDim() * model.width();
    }

    /**
     * Tokens that there was room for, all caches of a sequence together. A cache doubles as its sequence grows, and
     * Java frees the smaller ones late.
     */
    private static long rooms(long length) {
        long sum = 0;
        long room = FIRST_ROOM;
        while (room < length) {
            sum += room;
            room *= 2;
        }
        return sum + length;
    }

    private static Part part(String what, long bytes) {
        return new Part(what, bytes, false, null);
    }
}
