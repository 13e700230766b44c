package io.github.psft4j.kernel.choose;

import io.github.psft4j.kernel.NativeThreads;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.CpuForm;
import io.github.psft4j.kernel.cpu.gemm.Gemm;
import io.github.psft4j.kernel.cpu.gemm.GemmChoice;
import io.github.psft4j.kernel.cpu.gemm.OneDnn;
import io.github.psft4j.kernel.nd4j.Nd4jForm;
import io.github.psft4j.kernel.nd4j.split.SplitForm;
import java.util.EnumMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the {@link TensorOps} of a data type once per process and says so in the log. */
public final class TensorOpsFactory {

    /** {@code auto} (default), {@code cpu} or {@code portable}. */
    public static final String OPS_PROPERTY = "psft.ops";

    private static final Logger LOG = LoggerFactory.getLogger(TensorOpsFactory.class);
    private static final Map<DataType, TensorOps> CHOSEN = new EnumMap<>(DataType.class);

    private TensorOpsFactory() {}

    /**
     * The operations for arrays of this type: {@link CpuForm} for FLOAT on ND4J's CPU backend, {@link SplitForm} for
     * DOUBLE there, {@link Nd4jForm} on other backends and with one worker.
     *
     * @throws IllegalArgumentException for a type other than FLOAT and DOUBLE, or a bad {@link #OPS_PROPERTY}
     */
    public static synchronized TensorOps forType(DataType type) {
        return CHOSEN.computeIfAbsent(type, TensorOpsFactory::choose);
    }

    /**
     * Operations of the given precision for one network: those of {@link #forType(DataType)} for F32, fresh ones for BF16,
     * which keep converted weights.
     *
     * @throws IllegalArgumentException with the reason, if BF16 is not possible here or would not be faster
     */
    public static TensorOps forType(DataType type, Precision precision) {
        TensorOps ops = forType(type);
        if (precision == Precision.F32) {
            return ops;
        }
        String problem = bf16Problem(type);
        if (problem != null) {
            throw new IllegalArgumentException("precision BF16 is refused: " + problem + "; use F32");
        }
        TensorOps bf16 = new TensorOps(new CpuForm(WorkerPool.shared(), gemm(), Precision.BF16));
        LOG.info("linear layers: {}", bf16.name());
        return bf16;
    }

    /** Why a network of this type cannot run in BF16 here, null if it can. */
    public static String bf16Problem(DataType type) {
        if (type != DataType.FLOAT) {
            return "it rounds FLOAT operands, and the network is " + type;
        }
        if (!(forType(type).form() instanceof CpuForm)) {
            return "it is a form of the CPU kernels, and " + forType(type).name() + " is in use";
        }
        return OneDnn.status().bf16Problem();
    }

    /**
     * Gives OpenBLAS and ND4J the threads back that the CPU kernels took from them, for a program that goes on with other work;
     * networks that exist keep working, only slower.
     */
    public static synchronized void close() {
        CHOSEN.clear();
        NativeThreads.restore();
    }

    private static TensorOps cpu() {
        return new TensorOps(new CpuForm(WorkerPool.shared(), gemm(), Precision.F32));
    }

    /** One worker has nobody to deal to: ND4J may then use threads of its own. */
    private static TensorOps portable(boolean cpu) {
        return new TensorOps(
                cpu && WorkerPool.shared().workers() > 1 ? new SplitForm(WorkerPool.shared()) : new Nd4jForm());
    }

    private static Gemm gemm() {
        return GemmChoice.of(System.getProperty(GemmChoice.PRODUCTS_PROPERTY, "auto"));
    }

    private static TensorOps choose(DataType type) {
        if (type != DataType.FLOAT && type != DataType.DOUBLE) {
            throw new IllegalArgumentException("psft4j computes in FLOAT or DOUBLE, not in " + type
                    + "; set dataType(DataType.FLOAT) on the network");
        }
        String wanted = System.getProperty(OPS_PROPERTY, "auto");
        boolean cpu = Nd4j.getEnvironment().isCPU();
        TensorOps ops = switch (wanted) {
            case "auto" -> cpu && type == DataType.FLOAT ? cpu() : portable(cpu);
            case "portable" -> portable(cpu);
            case "cpu" -> {
                if (!cpu) {
                    throw new IllegalArgumentException(OPS_PROPERTY
                            + "=cpu needs ND4J's CPU backend, but "
                            + Nd4j.getBackend().getClass().getSimpleName() + " is loaded");
                }
                yield type == DataType.FLOAT ? cpu() : portable(true);
            }
            default ->
                throw new IllegalArgumentException(
                        OPS_PROPERTY + " must be auto, cpu or portable, was '" + wanted + "'");
        };
        LOG.info("{} kernels: {}", type, ops.name());
        return ops;
    }
}
