package io.github.psft4j.train;

import io.github.psft4j.data.batch.Demonstration;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** SHA-256 over tokens and loss masks of all demonstrations in their order: a run is resumed on the data it was started on. */
final class DataFingerprint {

    private DataFingerprint() {}

    /** 64 hexadecimal digits. */
    static String of(List<Demonstration> data) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Demonstration d : data) {
                ByteBuffer bytes = ByteBuffer.allocate(4 + 5 * d.length());
                bytes.putInt(d.length());
                for (int i = 0; i < d.length(); i++) {
                    bytes.putInt(d.tokens()[i]).put((byte) (d.lossMask()[i] ? 1 : 0));
                }
                digest.update(bytes.array());
                if (d.weights() != null) {
                    for (double weight : d.weights()) {
                        digest.update(ByteBuffer.allocate(Double.BYTES)
                                .putDouble(weight)
                                .array());
                    }
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
