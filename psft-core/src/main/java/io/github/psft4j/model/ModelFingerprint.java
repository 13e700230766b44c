package io.github.psft4j.model;

import io.github.psft4j.hf.safetensors.TensorMemory;
import io.github.psft4j.io.Sha256;
import io.github.psft4j.kernel.Precision;
import java.nio.ByteBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * SHA-256 over architecture, precision and weights: two models have the same if they compute the same, whatever files
 * they came from.
 */
public final class ModelFingerprint {

    private ModelFingerprint() {}

    /** 64 hexadecimal digits; every bit of every weight counts. */
    public static String of(CausalLm model) {
        Sha256 sha = new Sha256().add(model.config().toString());
        if (model.precision() != Precision.F32) { // fingerprints from before this rule stay valid
            sha.add(model.precision().name());
        }
        add(sha, model.graph().params());
        return sha.hex();
    }

    /** Adds the values as doubles, which keeps all floats distinct. */
    private static void add(Sha256 sha, INDArray weights) {
        TensorMemory memory = TensorMemory.of(weights);
        double[] values = new double[TensorMemory.CHUNK];
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * TensorMemory.CHUNK);
        for (long start = 0; start < weights.length(); start += values.length) {
            int n = (int) Math.min(values.length, weights.length() - start);
            memory.get(start, values, n);
            bytes.asDoubleBuffer().put(values, 0, n);
            sha.add(bytes.array(), n * Double.BYTES);
        }
    }
}
