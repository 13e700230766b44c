package io.github.psft4j.cli.input;

import io.github.psft4j.io.RefusedException;
import io.github.psft4j.train.checkpoint.DirectoryStorage;
import io.github.psft4j.train.slice.ClusterProvider;
import io.github.psft4j.train.slice.SliceWorkers;
import java.util.Optional;
import java.util.ServiceLoader;

/** The cluster of {@code --cluster}, whose jars lie beside those of psft. */
public final class Cluster {

    private Cluster() {}

    private static Optional<ClusterProvider> provider() {
        return ServiceLoader.load(ClusterProvider.class).findFirst();
    }

    /**
     * Refuses a cluster without its jars.
     *
     * @param master null for no cluster
     */
    public static void require(String master) {
        if (master != null && provider().isEmpty()) {
            throw new RefusedException("--cluster " + master + " needs the jars of Apache Spark, which psft does not"
                    + " bring (220 MB). In the source tree \"./mvnw -q -B -ntp -Pspark -DskipTests package\" puts them"
                    + " to psft-examples/target/psft/spark, where psft finds them; or leave --cluster out");
        }
    }

    /** Bytes of a number on the wire; those of a float, the most there are, where no jar knows the setting. */
    public static int wireBytes() {
        return provider().map(ClusterProvider::wireBytes).orElse(Float.BYTES);
    }

    /** Threads of the kernels: one on a cluster, where a task has one core, unless the configuration says more. */
    public static int threads(String master, int configured) {
        return master != null && configured == 0 ? 1 : configured;
    }

    /** Refuses copies of checkpoints without a cluster, whose jars know the file system. */
    public static void requireFor(String copyTo, String master) {
        if (copyTo != null && master == null) {
            throw new RefusedException(
                    "checkpoint.copy_to " + copyTo + " needs --cluster MASTER, such as local[2], which"
                            + " brings Hadoop's file systems; or leave it out");
        }
    }

    /** A directory for copies that the workers' cluster reaches, null for none. */
    public static DirectoryStorage directory(SliceWorkers workers, String copyTo) {
        return copyTo == null ? null : workers.directory(copyTo);
    }

    /** The workers of a cluster, null without one. */
    public static SliceWorkers open(String master) {
        return master == null ? null : provider().orElseThrow().open(master);
    }
}
