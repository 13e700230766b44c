package io.github.psft4j.model;

import io.github.psft4j.hf.safetensors.TensorMemory;
import io.github.psft4j.kernel.Precision;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.nd4j.linalg.api.ndarray.INDArray;

/** SHA-256 over architecture, precision and weights: two models have the same if they compute the same, whatever files they came from. */
public final class ModelFingerprint {

    private ModelFingerprint() {}

    /** 64 hexadecimal digits; every bit of every weight counts. */
    public static String of(CausalLm model) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(model.config().toString().getBytes(StandardCharsets.UTF_8));
            if (model.precision() != Precision.F32) { // so that those of before this rule stay what they were
                digest.update(model.precision().name().getBytes(StandardCharsets.UTF_8));
            }
            update(digest, model.graph().params());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Adds the values as doubles, which tell all floats apart. */
    private static void update(MessageDigest digest, INDArray weights) {
        TensorMemory memory = TensorMemory.of(weights);
        double[] values = new double[TensorMemory.CHUNK];
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * TensorMemory.CHUNK);
        for (long start = 0; start < weights.length(); start += values.length) {
            int n = (int) Math.min(values.length, weights.length() - start);
            memory.get(start, values, n);
            bytes.asDoubleBuffer().put(values, 0, n);
            digest.update(bytes.array(), 0, n * Double.BYTES);
        }
    }
}
