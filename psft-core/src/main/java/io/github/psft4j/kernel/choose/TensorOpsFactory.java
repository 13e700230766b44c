package io.github.psft4j.kernel.choose;

import io.github.psft4j.kernel.KernelProvider;
import io.github.psft4j.kernel.NativeThreads;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.TensorOps;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.buffer.DataType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the {@link TensorOps} of a data type once per process and says so in the log. */
public final class TensorOpsFactory {

    /** {@code auto} (default), {@code cpu}, {@code portable} or the name of another {@link KernelProvider}. */
    public static final String OPS_PROPERTY = "psft.ops";

    private static final Logger LOG = LoggerFactory.getLogger(TensorOpsFactory.class);
    private static final KernelProvider ND4J = new Nd4jProvider();
    private static final Map<DataType, TensorOps> CHOSEN = new EnumMap<>(DataType.class);

    private TensorOpsFactory() {}

    /**
     * The operations for arrays of this type. Without providers from other jars: the CPU form for FLOAT on ND4J's CPU
     * backend, ND4J's operations for DOUBLE and on other backends.
     *
     * @throws IllegalArgumentException for a type other than FLOAT and DOUBLE, or a bad {@link #OPS_PROPERTY}
     */
    public static synchronized TensorOps forType(DataType type) {
        return CHOSEN.computeIfAbsent(type, TensorOpsFactory::choose);
    }

    /**
     * Operations of the given precision for one network: those of {@link #forType(DataType)} for F32, fresh ones for
     * others, which keep converted weights.
     *
     * @throws IllegalArgumentException with the reason, if the precision is not possible here or would not be faster
     */
    public static TensorOps forType(DataType type, Precision precision) {
        TensorOps ops = forType(type);
        if (precision == Precision.F32) {
            return ops;
        }
        String problem = problem(type, precision);
        if (problem != null) {
            throw refused(precision, problem, forGenerationAlone(type, precision));
        }
        return narrow(type, precision);
    }

    /**
     * Operations of the given precision for one network that generates and scores, whose weights are of that type. With
     * {@link Precision#BF16} only weights are rounded where the CPU has no instructions for such products.
     *
     * @throws IllegalArgumentException with the reason, if the precision is not possible here
     */
    public static TensorOps forGeneration(DataType type, Precision precision) {
        if (precision == Precision.F32) {
            return forType(type);
        }
        String problem = type == DataType.FLOAT ? provider(type).generationProblem(type, precision) : notFloat(type);
        if (problem != null) {
            throw refused(precision, problem, "");
        }
        return narrow(type, precision);
    }

    private static TensorOps narrow(DataType type, Precision precision) {
        TensorOps narrow = ops(provider(type), precision);
        LOG.info("linear layers: {}", narrow.name());
        return narrow;
    }

    private static IllegalArgumentException refused(Precision precision, String problem, String instead) {
        return new IllegalArgumentException(
                "precision " + precision + " is refused: " + problem + "; use F32" + instead);
    }

    /** What a user who asked for bf16 can have here. */
    private static String forGenerationAlone(DataType type, Precision precision) {
        return type == DataType.FLOAT && provider(type).generationProblem(type, precision) == null
                ? ", with model.frozen: bf16 for frozen weights under an adapter; to generate and score alone,"
                        + " GenerationModels.load takes weights in bf16"
                : "";
    }

    /** Why a network of this type cannot train in BF16 here, null if it can. */
    public static String bf16Problem(DataType type) {
        return problem(type, Precision.BF16);
    }

    private static String problem(DataType type, Precision precision) {
        return type == DataType.FLOAT ? provider(type).problem(type, precision) : notFloat(type);
    }

    private static String notFloat(DataType type) {
        return "it rounds FLOAT operands, and the network is " + type;
    }

    /**
     * Returns to OpenBLAS and ND4J the threads that the CPU kernels took from them. It is for a program that goes on
     * with other work; networks that exist keep working, only slower.
     */
    public static synchronized void close() {
        CHOSEN.clear();
        NativeThreads.restore();
    }

    private static TensorOps choose(DataType type) {
        if (type != DataType.FLOAT && type != DataType.DOUBLE) {
            throw new IllegalArgumentException("psft4j computes in FLOAT or DOUBLE, not in " + type
                    + "; set dataType(DataType.FLOAT) on the network");
        }
        TensorOps ops = ops(provider(type), Precision.F32);
        LOG.info("{} kernels: {}", type, ops.name());
        return ops;
    }

    private static TensorOps ops(KernelProvider provider, Precision precision) {
        return new TensorOps(provider.form(precision), () -> ND4J.form(Precision.F32));
    }

    private static KernelProvider provider(DataType type) {
        String wanted = System.getProperty(OPS_PROPERTY, "auto");
        List<KernelProvider> all = providers();
        if (wanted.equals("auto")) {
            return all.stream()
                    .filter(it -> it.priority() >= 0 && it.problem(type, Precision.F32) == null)
                    .findFirst()
                    .orElse(ND4J);
        }
        KernelProvider named = all.stream()
                .filter(it -> it.name().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        OPS_PROPERTY + " must be " + names(all) + ", was '" + wanted + "'"));
        String problem = named.problem(DataType.FLOAT, Precision.F32);
        if (problem != null) {
            throw new IllegalArgumentException(OPS_PROPERTY + "=" + wanted + " " + problem);
        }
        return named.problem(type, Precision.F32) == null ? named : ND4J;
    }

    /** The forms of this library and those of other jars, highest priority first. */
    private static List<KernelProvider> providers() {
        List<KernelProvider> all = new ArrayList<>(List.of(new CpuProvider(), ND4J));
        ServiceLoader.load(KernelProvider.class).forEach(all::add);
        all.sort(Comparator.comparingInt(KernelProvider::priority).reversed());
        return all;
    }

    private static String names(List<KernelProvider> all) {
        String last = all.get(all.size() - 1).name();
        return all.stream()
                .limit(all.size() - 1)
                .map(KernelProvider::name)
                .collect(Collectors.joining(", ", "auto, ", " or " + last));
    }
}
