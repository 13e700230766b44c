package io.github.psft4j.train.source;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.io.Sha256;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * SHA-256 over tokens and loss masks of all demonstrations in their order: a run is resumed on the data it was started
 * on.
 */
final class DataFingerprint {

    private DataFingerprint() {}

    /** 64 hexadecimal digits. */
    static String of(List<Demonstration> data) {
        Sha256 sha = new Sha256();
        for (Demonstration d : data) {
            sha.add(d.bytes());
            if (d.weights() != null) {
                ByteBuffer weights = ByteBuffer.allocate(Double.BYTES * d.length());
                weights.asDoubleBuffer().put(d.weights());
                sha.add(weights.array());
            }
        }
        return sha.hex();
    }
}
