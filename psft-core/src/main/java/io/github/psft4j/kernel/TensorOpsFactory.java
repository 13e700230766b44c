package io.github.psft4j.kernel;

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
     * The operations for arrays of this type: {@link CpuOps} for FLOAT on ND4J's CPU backend, {@link PortableOps}
     * otherwise.
     *
     * @throws IllegalArgumentException for a type other than FLOAT and DOUBLE, or a bad {@link #OPS_PROPERTY}
     */
    public static synchronized TensorOps forType(DataType type) {
        return CHOSEN.computeIfAbsent(type, TensorOpsFactory::choose);
    }

    private static TensorOps choose(DataType type) {
        if (type != DataType.FLOAT && type != DataType.DOUBLE) {
            throw new IllegalArgumentException("psft4j computes in FLOAT or DOUBLE, not in " + type
                    + "; set dataType(DataType.FLOAT) on the network");
        }
        String wanted = System.getProperty(OPS_PROPERTY, "auto");
        boolean cpu = Nd4j.getEnvironment().isCPU();
        TensorOps ops = switch (wanted) {
            case "auto" -> cpu && type == DataType.FLOAT ? new CpuOps(WorkerPool.shared()) : new PortableOps();
            case "portable" -> new PortableOps();
            case "cpu" -> {
                if (!cpu) {
                    throw new IllegalArgumentException(OPS_PROPERTY
                            + "=cpu needs ND4J's CPU backend, but "
                            + Nd4j.getBackend().getClass().getSimpleName() + " is loaded");
                }
                yield type == DataType.FLOAT ? new CpuOps(WorkerPool.shared()) : new PortableOps();
            }
            default ->
                throw new IllegalArgumentException(
                        OPS_PROPERTY + " must be auto, cpu or portable, was '" + wanted + "'");
        };
        LOG.info("{} kernels: {}", type, ops.name());
        return ops;
    }
}
