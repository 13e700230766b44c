package io.github.psft4j.train.memory;

import io.github.psft4j.io.MachineMemory;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.settings.Training;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run takes of the machine's memory, known from the architecture and the settings before anything is loaded.
 *
 * <pre>
 * certain = F w + T w (1 weights + 1 gradient + 2 moments + 1 sum over micro-batches + 3 copy for checkpoints) + R w
 * likely  = certain + n L (activations of a block) w + logits + 500 MB of Java
 * </pre>
 *
 * <p>T are the trained parameters, F the frozen ones under an adapter, R those of the reference model. w are bytes per
 * number (4 or 8), n tokens of the largest micro-batch, L blocks. Sum, copy and reference count only where the settings
 * need them. With recomputation n (L D + activations of one block) stand for n L (activations of a block).
 *
 * @param parts arrays that are as long as the parameters, with what would save them
 * @param activations estimate of what a micro-batch takes on top, bytes
 * @param perParameter bytes per parameter in all
 */
public record TrainingMemory(List<Part> parts, long activations, double perParameter) {

    private static final Logger LOG = LoggerFactory.getLogger(TrainingMemory.class);

    /** Heap and libraries of a small run. */
    private static final long JAVA = 500_000_000;

    /** Logits of a chunk of the head. */
    private static final long HEAD = 64L << 20;

    /** Vectors of the parameters that every run holds: weights, gradient, two moments. */
    private static final int VECTORS = 4;

    /**
     * One of the arrays.
     *
     * @param what for messages
     * @param bytes its size
     * @param saver setting that saves it, null if none does
     */
    public record Part(String what, long bytes, String saver) {}

    /**
     * Computes it.
     *
     * @param width bytes of a number, 4 for FLOAT and 8 for DOUBLE
     * @param longest tokens of the longest sequence; 0 if it is not known yet
     * @param staged whether checkpoints are written while training goes on
     * @param reference parameters of the frozen reference model, 0 without one
     * @param adapter parameters of the adapter that is trained beside frozen weights; 0 if all weights are trained
     * @throws ArithmeticException if it is more than 2^63 bytes
     */
    public static TrainingMemory of(
            DecoderConfig model,
            int width,
            Batch batch,
            Training train,
            int longest,
            boolean staged,
            long reference,
            long adapter) {
        long vector = Math.multiplyExact(adapter > 0 ? adapter : model.parameters(), (long) width);
        List<Part> parts = new ArrayList<>();
        if (adapter > 0) {
            parts.add(new Part("frozen weights", Math.multiplyExact(model.parameters(), (long) width), null));
        }
        parts.add(new Part(adapter > 0 ? "adapter" : "weights", vector, null));
        parts.add(new Part("gradient", vector, null));
        parts.add(new Part("moments of AdamW", Math.multiplyExact(2, vector), null));
        if (batch.microBatch() < batch.miniBatch()) {
            parts.add(new Part("sum over micro-batches", vector, "batch.micro equal to batch.mini"));
        }
        if (staged) {
            parts.add(
                    new Part("copy for checkpoints", Math.multiplyExact(3, vector), "checkpoint.asynchronous: false"));
        }
        if (reference > 0) {
            long bytes = Math.multiplyExact(reference, (long) width);
            parts.add(new Part("reference model", bytes, "an objective without a reference"));
        }
        long tokens = (long) batch.microBatch() * longest; // padded; packed rows have fewer
        long all = parts.stream().mapToLong(Part::bytes).reduce(0, Math::addExact);
        long activations =
                Math.multiplyExact(perToken(model, train.recompute() == Training.Recompute.BLOCKS), tokens * width);
        return new TrainingMemory(List.copyOf(parts), activations, (double) all / model.parameters());
    }

    /** Bytes that training of all weights takes at least: weights, gradient and moments in FLOAT. */
    public static long least(DecoderConfig model) {
        return least(model, 0);
    }

    /** The same for an adapter of this many parameters beside frozen weights, 0 for none. */
    public static long least(DecoderConfig model, long adapter) {
        if (adapter > 0) {
            return Math.multiplyExact(model.parameters() + VECTORS * adapter, (long) Float.BYTES);
        }
        return Math.multiplyExact(model.parameters(), (long) VECTORS * Float.BYTES);
    }

    /** Numbers that the blocks keep for a token until the backward pass, and the scratch of one block. */
    private static long perToken(DecoderConfig c, boolean recompute) {
        long d = c.hiddenSize();
        long f = c.intermediateSize();
        long qkv = (c.heads() + 2L * c.kvHeads()) * c.headDim();
        long hidden = c.gatedMlp() ? 3 * f : 2 * f;
        long block = 4 * d + (long) c.heads() * c.headDim() + hidden + (c.qkNorm() ? 2 : 1) * qkv;
        long kept = recompute ? d * c.layers() + block : block * c.layers();
        return kept + hidden + 2 * qkv + 4 * d;
    }

    /** Bytes of the arrays that every step needs. */
    public long certain() {
        return parts.stream().mapToLong(Part::bytes).reduce(0, Math::addExact);
    }

    /** Bytes with activations, a chunk of logits and Java itself: an estimate. */
    public long likely() {
        return certain() + activations + HEAD + JAVA;
    }

    /**
     * Refuses a run that cannot fit, and warns of one that may not.
     *
     * @throws TrainingMemoryException if the arrays alone need more than the machine has with its swap
     */
    public void require() {
        require(MachineMemory.physical(), MachineMemory.withSwap());
    }

    void require(long physical, long withSwap) {
        if (withSwap > 0 && certain() > withSwap) {
            String message = "training needs at least " + gigabytes(certain()) + ", this machine has "
                    + gigabytes(withSwap) + " with its swap";
            throw new TrainingMemoryException(
                    message + ": " + list() + "; " + remedy(withSwap), new OutOfMemoryError(message));
        }
        if (physical > 0 && likely() > physical) {
            LOG.warn(
                    "training may need about {}, this machine has {} without swap: {}, activations about {}; {}",
                    gigabytes(likely()),
                    gigabytes(physical),
                    list(),
                    gigabytes(activations),
                    less());
        }
    }

    private String list() {
        return parts.stream().map(p -> p.what + " " + gigabytes(p.bytes)).collect(Collectors.joining(", "));
    }

    /** What would make it fit: the settings that save arrays, if they suffice, and the size of model that fits. */
    private String remedy(long there) {
        long left = certain();
        List<String> savers = new ArrayList<>();
        for (Part part : parts) {
            if (part.saver != null) {
                savers.add(part.saver + " (saves " + gigabytes(part.bytes) + ")");
                left -= part.bytes;
            }
        }
        String smaller =
                String.format(Locale.ROOT, "a model of up to %,.0f million parameters", there / perParameter / 1e6);
        if (savers.isEmpty() || left > there) {
            return "take a machine with more memory, or " + smaller
                    + (savers.isEmpty() ? "" : "; " + String.join(", ", savers) + " would not suffice");
        }
        return "use " + String.join(", ", savers) + ", or " + smaller;
    }

    /** What could need less where only the activations are in doubt. */
    private String less() {
        String savers =
                parts.stream().filter(p -> p.saver != null).map(Part::saver).collect(Collectors.joining(", "));
        return "if it runs out: a smaller batch.micro or data.max_length, a smaller model"
                + (savers.isEmpty() ? "" : ", " + savers);
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%,.1f GB", bytes / 1e9);
    }
}
