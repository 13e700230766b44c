package io.github.psft4j.train.slice;

/**
 * Opens a cluster by the name of its master. The jar of a cluster names an implementation in {@code META-INF/services};
 * the {@code psft} command looks for one when it is given {@code --cluster}.
 */
public interface ClusterProvider {

    /**
     * Workers on a cluster, which the caller closes.
     *
     * @param master such as {@code local[4]} or {@code spark://HOST:PORT}
     * @throws io.github.psft4j.io.RefusedException naming the master and the remedy, if this process cannot use it
     */
    SliceWorkers open(String master);

    /** Bytes of a weight or gradient on the wire, as the settings of this process say. */
    int wireBytes();
}
