package io.github.psft4j.train.memory;

import io.github.psft4j.io.MachineMemory;
import io.github.psft4j.io.Shown;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.train.optimizer.Moments;
import io.github.psft4j.train.settings.Training;
import io.github.psft4j.transformer.StepArrays;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run takes of the machine's memory, known from the architecture and the settings before anything is loaded.
 *
 * <pre>
 * certain = F f + T w (1 weights + 1 gradient + 2 moments + 3 copy for checkpoints) + R w
 * total   = certain + activations + working arrays with logits + copies in bfloat16 + passes without gradients + Java
 * </pre>
 *
 * <p>T are the trained parameters, F the frozen ones under an adapter with f bytes each, R those of the reference
 * model, w bytes per number (4 or 8). Moments in bfloat16 take 2 bytes each. Copy and reference count only where the
 * settings need them. {@link StepArrays} counts activations and working arrays by the code that allocates them.
 *
 * @param model what the weights take
 * @param run what the settings add
 * @param parts what lies in memory at the peak
 */
public record MemoryPlan(ModelNumbers model, RunNumbers run, List<Part> parts) {

    private static final Logger LOG = LoggerFactory.getLogger(MemoryPlan.class);

    /** Java itself with its heap, compiled code and native libraries; measured, see docs/memory.md. */
    private static final long JAVA = 350_000_000;

    static final String GRADIENT = "gradient";
    static final String MOMENTS = "moments of AdamW";
    static final String COPY = "copy for checkpoints";
    static final String BESIDE = "gradients beside their sum";
    static final String JAVA_ITSELF = "Java and libraries";

    /** Vectors of the parameters that every run holds: weights, gradient, two moments. */
    private static final int VECTORS = 4;

    /**
     * One line of the plan.
     *
     * @param what for messages
     * @param bytes its size
     * @param certain whether it is as long as the parameters and needed by every step
     * @param saver setting that saves it whole, null if none does
     */
    public record Part(String what, long bytes, boolean certain, String saver) {}

    /**
     * Computes it.
     *
     * @throws ArithmeticException if it is more than 2^63 bytes
     */
    public static MemoryPlan of(ModelNumbers model, RunNumbers run) {
        List<Part> parts = new ArrayList<>();
        vectors(model, run, parts);
        if (run.batch().microBatch() < run.batch().miniBatch()) {
            add(parts, BESIDE, model.gradientsBesideTheirSum());
        }
        if (run.time() > 0) {
            StepArrays step = StepArrays.of(model.config(), run.pass(model));
            add(parts, "activations of " + model.config().layers() + " blocks", step.kept());
            add(parts, "working arrays and logits", step.working());
            // The gradient of the logits is the largest operand that is converted whole.
            add(parts, "operands in bfloat16", model.precision() == Precision.BF16 ? step.logits() / 2 : 0);
            long samples = GenerationMemory.caches(model, run.samples(), run.longest());
            add(parts, "keys and values of samples", samples);
            if (run.scored() > 0) {
                add(parts, "passes without gradients", StepArrays.scoring(model.config(), run.scoring(model)));
            }
        }
        add(parts, "weights in bfloat16 for products", copies(model, run));
        add(parts, JAVA_ITSELF, JAVA);
        return new MemoryPlan(model, run, List.copyOf(parts));
    }

    private static void vectors(ModelNumbers model, RunNumbers run, List<Part> parts) {
        boolean adapter = model.adapter() > 0;
        long vector = Math.multiplyExact(model.trained(), (long) model.width());
        if (adapter) {
            long frozen = Math.multiplyExact(model.config().parameters(), (long) model.frozenWidth());
            parts.add(new Part("frozen weights", frozen, true, null));
        }
        parts.add(new Part(adapter ? "adapter" : "weights", vector, true, null));
        parts.add(new Part(GRADIENT, vector, true, null));
        boolean half = run.optimizer().moments() == Moments.BF16;
        long moments = Math.multiplyExact(2 * model.trained(), half ? (long) Short.BYTES : model.width());
        parts.add(new Part(MOMENTS, moments, true, null));
        if (run.staged()) {
            long copy = Math.addExact(vector, moments);
            parts.add(new Part(COPY, copy, true, "checkpoint.asynchronous: false"));
        }
        if (model.critic() > 0) {
            long one = Math.multiplyExact(model.critic(), (long) model.width());
            long own = Math.multiplyExact(2 * model.critic(), half ? (long) Short.BYTES : model.width());
            int copies = 2 + (run.staged() ? 1 : 0);
            long bytes = Math.addExact(Math.multiplyExact(one, (long) copies), run.staged() ? 2 * own : own);
            parts.add(new Part("critic", bytes, true, "critic.trunk: shared"));
        }
        if (model.reference() > 0) {
            long bytes = Math.multiplyExact(model.reference(), (long) model.width());
            parts.add(new Part("reference model", bytes, true, "an objective without a reference"));
        }
    }

    private static void add(List<Part> parts, String what, long bytes) {
        if (bytes > 0) {
            parts.add(new Part(what, bytes, false, null));
        }
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

    private static long copies(ModelNumbers model, RunNumbers run) {
        return run.recomputes() ? model.copiesOfABlock() : model.copies();
    }

    /** Bytes for weights that are converted for products: with recomputation those of one block at a time. */
    public long heldCopies() {
        return copies(model, run);
    }

    /** The arrays of a step, which workspaces are made for. */
    public StepArrays step() {
        return StepArrays.of(model.config(), run.pass(model));
    }

    /** Bytes of the arrays that every step needs. */
    public long certain() {
        return parts.stream().filter(Part::certain).mapToLong(Part::bytes).reduce(0, Math::addExact);
    }

    /** Bytes at the peak of the run. */
    public long total() {
        return parts.stream().mapToLong(Part::bytes).reduce(0, Math::addExact);
    }

    /** Bytes of the arrays that are as long as the parameters, by parameter of the model. */
    double perParameter() {
        return (double) certain() / model.config().parameters();
    }

    /** Whether the run fits the machine's memory without swap; true if the machine does not say. */
    public boolean fits() {
        return MachineMemory.physical() <= 0 || total() <= MachineMemory.physical();
    }

    /** The plan that {@code train.recompute} asks for: with {@code auto}, blocks only if none does not fit. */
    public MemoryPlan chosen() {
        return chosen(MachineMemory.physical());
    }

    MemoryPlan chosen(long physical) {
        return switch (run.train().recompute()) {
            case NONE, BLOCKS -> this;
            case AUTO -> {
                MemoryPlan kept = of(model, run.with(Training.Recompute.NONE));
                yield physical <= 0 || kept.total() <= physical ? kept : of(model, run.with(Training.Recompute.BLOCKS));
            }
        };
    }

    /** The settings that need less, those that save most first. */
    public List<MemorySaver> savers() {
        return MemorySaver.of(this);
    }

    /** One line: the sum, the machine, and the largest parts. */
    public String line() {
        long there = MachineMemory.physical();
        return "memory: about " + gigabytes(total()) + (there > 0 ? " of " + gigabytes(there) : "") + " ("
                + parts.stream()
                        .filter(part -> part.bytes >= total() / 50)
                        .map(part -> part.what + " " + gigabytes(part.bytes))
                        .collect(Collectors.joining(", "))
                + ")";
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
                    message + ": " + list(true) + "; " + remedy(withSwap), new OutOfMemoryError(message));
        }
        if (physical > 0 && total() > physical) {
            LOG.warn(
                    "training may need about {}, this machine has {} without swap: {}; if it runs out: {}",
                    gigabytes(total()),
                    gigabytes(physical),
                    list(false),
                    less(physical));
        }
    }

    private String list(boolean certain) {
        return parts.stream()
                .filter(p -> p.certain || !certain)
                .map(p -> p.what + " " + gigabytes(p.bytes))
                .collect(Collectors.joining(", "));
    }

    /** What would make it fit: the settings that save arrays, if they suffice, and the size of model that fits. */
    private String remedy(long there) {
        long left = certain();
        List<String> settings = new ArrayList<>();
        for (Part part : parts) {
            if (part.saver != null) {
                settings.add(part.saver + " (saves " + gigabytes(part.bytes) + ")");
                left -= part.bytes;
            }
        }
        String smaller = Shown.format("a model of up to %,.0f million parameters", there / perParameter() / 1e6);
        String adapter = savers().stream()
                .filter(saver -> saver.isAdapter() && saver.plan().certain() <= there)
                .map(saver -> ", or train an adapter: " + saver.setting() + " (saves " + gigabytes(saver.saves()) + ")")
                .findFirst()
                .orElse("");
        if (settings.isEmpty() || left > there) {
            return "take a machine with more memory, or " + smaller
                    + (settings.isEmpty() ? "" : "; " + String.join(", ", settings) + " would not suffice") + adapter;
        }
        return "use " + String.join(", ", settings) + ", or " + smaller + adapter;
    }

    /** What could need less where only the activations are in doubt. */
    private String less(long there) {
        String settings = savers().stream()
                .map(saver -> saver.setting() + " (saves " + gigabytes(saver.saves())
                        + (saver.plan().total() <= there ? ", fits)" : ")"))
                .collect(Collectors.joining(", "));
        return settings.isEmpty() ? "a smaller data.max_length or model" : settings + ", or a smaller model";
    }

    static String gigabytes(long bytes) {
        return Shown.format("%,.1f GB", bytes / 1e9);
    }
}
