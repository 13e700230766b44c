package io.github.psft4j.kernel.cpu.rows;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the {@link RowMath} of the process once. */
public final class RowMathFactory {

    /** {@code auto} (default), {@code vector} or {@code plain}. */
    static final String ROWS_PROPERTY = "psft.rows";

    private static final Logger LOG = LoggerFactory.getLogger(RowMathFactory.class);
    private static final String MODULE = "jdk.incubator.vector";
    private static final String HINT = "start Java with --add-modules " + MODULE;

    private static final class Shared {
        static final RowMath ROWS = choose(System.getProperty(ROWS_PROPERTY, "auto"));
    }

    private RowMathFactory() {}

    /** The form that the whole process uses, so that only one of the two is ever compiled. */
    public static RowMath shared() {
        return Shared.ROWS;
    }

    /**
     * The form of this name.
     *
     * @throws IllegalArgumentException for another name
     * @throws IllegalStateException for {@code vector} without the module
     */
    public static RowMath choose(String wanted) {
        return switch (wanted) {
            case "plain" -> new PlainRows();
            case "vector" -> {
                if (!moduleLoaded()) {
                    throw new IllegalStateException(ROWS_PROPERTY + "=vector needs the JDK's Vector module: " + HINT);
                }
                yield new VectorRows();
            }
            case "auto" -> automatic();
            default ->
                throw new IllegalArgumentException(
                        ROWS_PROPERTY + " must be auto, vector or plain, was '" + wanted + "'");
        };
    }

    private static RowMath automatic() {
        if (!moduleLoaded()) {
            LOG.info("plain Java rows; {} for faster ones", HINT);
            return new PlainRows();
        }
        if (!vectorsCompile()) {
            LOG.info("plain Java rows: {} {} does not compile vectors", vm("name"), vm("info"));
            return new PlainRows();
        }
        return new VectorRows();
    }

    /** Whether the Vector module was resolved at start-up; it never is by default. */
    public static boolean moduleLoaded() {
        return ModuleLayer.boot().findModule(MODULE).isPresent();
    }

    /**
     * Whether HotSpot's C2 is in use, the compiler that knows vectors. Interpreted, or compiled by another, every
     * vector is an object and the loops are a hundred times slower.
     */
    private static boolean vectorsCompile() {
        String info = vm("info");
        boolean c2 = vm("name").contains("Server VM")
                && !vm("version").contains("jvmci") // GraalVM
                && !info.contains("interpreted") // -Xint
                && !info.contains("emulated-client"); // -XX:TieredStopAtLevel=1
        return c2 && VectorRows.lanes() >= 4;
    }

    private static String vm(String property) {
        return System.getProperty("java.vm." + property, "");
    }
}
