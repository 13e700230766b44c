package io.github.psft4j.train.memory;

import io.github.psft4j.io.MachineMemory;
import io.github.psft4j.train.settings.TrainerSettings;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which number to change when memory ran out. {@code -Xmx} bounds Java's heap. The arrays of ND4J lie outside it; two
 * properties of JavaCPP bound them, 0 for no bound. {@code org.bytedeco.javacpp.maxbytes} counts the arrays (default:
 * as much as the heap). {@code org.bytedeco.javacpp.maxphysicalbytes} counts the whole process (default: twice the
 * heap).
 */
public final class MemoryAdvice {

    private static final String MAX_BYTES = "org.bytedeco.javacpp.maxbytes";
    private static final String MAX_PHYSICAL_BYTES = "org.bytedeco.javacpp.maxphysicalbytes";

    /** How JavaCPP names the bound that was hit: "totalBytes (0 + 256K) > maxBytes (128K)". */
    private static final Pattern BOUND = Pattern.compile("max(Physical)?Bytes (?:= )?\\(?(\\d+)([KMGT]?)");

    /** How ND4J and the C++ library say that the system gave no memory. */
    private static final Pattern REFUSED = Pattern.compile("Failed to allocate \\[|bad_alloc|Cannot allocate memory");

    private MemoryAdvice() {}

    /** The error that says what ran out, anywhere among the causes; empty if it is not about memory. */
    public static Optional<OutOfMemoryError> find(Throwable failure) {
        OutOfMemoryError found = null;
        int depth = 0;
        for (Throwable t = failure; t != null && depth < 100; t = t.getCause(), depth++) {
            if (t instanceof OutOfMemoryError error) {
                found = error; // JavaCPP: the outer one says for what, the inner one why
            } else if (found == null
                    && t.getMessage() != null
                    && REFUSED.matcher(t.getMessage()).find()) {
                found = new OutOfMemoryError(t.getMessage());
            }
        }
        return Optional.ofNullable(found);
    }

    /** What ran out, its bound, and the option that raises it. */
    public static String of(OutOfMemoryError error) {
        String message = String.valueOf(error.getMessage());
        Matcher bound = BOUND.matcher(message);
        if (bound.find()) {
            boolean process = bound.group(1) != null;
            long doubled = 2 * Long.parseLong(bound.group(2));
            return "out of memory outside the Java heap (" + message + "). Raise the bound on "
                    + (process ? "the whole process" : "arrays") + ", e.g. -D"
                    + (process ? MAX_PHYSICAL_BYTES : MAX_BYTES) + "=" + doubled
                    + bound.group(3).toLowerCase(Locale.ROOT) + " (0: none)";
        }
        if (message.contains(MachineMemory.IN_MESSAGES)) {
            return "out of memory (" + message + "). Take a smaller model or batch, or a machine with more";
        }
        if (message.contains("native thread")) {
            return "out of threads (" + message + "). Raise the limit of this user (ulimit -u) or the container, or use"
                    + " fewer: -Dpsft.threads=1";
        }
        if (message.contains("irect buffer")) {
            return "out of memory for direct buffers (" + message + "). Raise the bound, e.g. -XX:MaxDirectMemorySize="
                    + doubledHeap();
        }
        if (message.contains("heap space") || message.contains("GC overhead") || message.contains("array size")) {
            return "out of memory on the Java heap (" + message + "; bound " + megabytes(1) + "). Raise it, e.g. -Xmx"
                    + doubledHeap();
        }
        return "out of memory (" + message + "). Where the machine has more, raise -Xmx (now " + megabytes(1) + "), -D"
                + MAX_BYTES + " or -D" + MAX_PHYSICAL_BYTES;
    }

    /** What a run could need less of. */
    public static String less(TrainerSettings settings, MemoryPlan plan) {
        DecoderConfig model = plan.model().config();
        long adapter = plan.model().adapter();
        int longest = plan.run().longest();
        int micro = settings.batch().microBatch();
        int packing = settings.batch().packing();
        return ", or need less: "
                + (micro > 1 ? "a smaller micro-batch than " + micro + " (never changes the result), " : "")
                + (packing > 0 ? "shorter rows than " + packing + " tokens, " : "")
                + "shorter demonstrations than the longest, " + longest + " tokens, or a smaller model ("
                + (adapter > 0 ? adapter + " of " + (model.parameters() + adapter) + " parameters are trained: " : "")
                + (adapter > 0 ? "" : model.parameters() + " parameters, all trained: ")
                + MemoryPlan.gigabytes(MemoryPlan.least(model, adapter)) + " at least)";
    }

    private static String doubledHeap() {
        return megabytes(2);
    }

    private static String megabytes(int times) {
        return times * Math.max(1, Runtime.getRuntime().maxMemory() >> 20) + "m";
    }
}
