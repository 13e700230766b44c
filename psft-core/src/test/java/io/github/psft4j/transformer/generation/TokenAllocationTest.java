package io.github.psft4j.transformer.generation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.transformer.config.DecoderConfig;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a decoded token leaves on the Java heap. */
class TokenAllocationTest {

    /** In the shape of stories260K, so that an object per channel, entry or head would show. */
    private static final DecoderConfig CONFIG = DecoderConfig.builder()
            .vocabSize(512)
            .hiddenSize(64)
            .intermediateSize(172)
            .layers(5)
            .heads(8)
            .kvHeads(4)
            .maxPositions(512)
            .tiedEmbeddings(true)
            .build();

    private static final int TOKENS = 200;
    private static final long MOST_BYTES = 8_000;
    private static final long LONGEST_WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(90);

    /** Working arrays of a generation included. Lambdas are objects until C2 has compiled what calls them. */
    @Test
    void aTokenOfFiveBlocksAllocatesLessThanEightKilobytes() {
        Generator generator = new Generator(SmallDecoders.graph(CONFIG), CONFIG);
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long start = System.nanoTime();
        long bytes;
        do {
            long before = threads.getThreadAllocatedBytes(thread);
            generator.generate(List.of(new int[] {1}), GenerationConfig.greedy(TOKENS));
            bytes = (threads.getThreadAllocatedBytes(thread) - before) / TOKENS;
        } while (bytes > MOST_BYTES && System.nanoTime() - start < LONGEST_WARM_UP_NANOS);
        assertTrue(bytes <= MOST_BYTES, "a token allocates " + bytes + " bytes");
    }
}
