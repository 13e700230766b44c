package io.github.psft4j.train.column;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.hf.safetensors.SafetensorsWriter;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.io.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Log-probs of a frozen reference on disk, one file per pair of model and data.
 * {@code reference-FINGERPRINT.safetensors} has the tensor {@code log_probs} F64: all demonstrations one after the
 * other, 0 where not trained. The fingerprint is a SHA-256 of architecture, weights, tokens and masks. A file of
 * another model or other data is therefore never read.
 */
record ReferenceCache(Path directory) {

    private static final Logger LOG = LoggerFactory.getLogger(ReferenceCache.class);
    private static final String TENSOR = "log_probs";
    private static final String FINGERPRINT = "fingerprint";

    /** Values from the file of this model and these data, or computed and written. */
    double[][] get(ReferenceModel reference, List<Demonstration> data, Supplier<double[][]> compute) {
        String fingerprint = fingerprint(reference, data);
        Path file = directory.resolve("reference-" + fingerprint.substring(0, 16) + ".safetensors");
        if (Files.exists(file)) {
            LOG.info("reference log-probs from {}", file);
            return read(file, fingerprint, data);
        }
        double[][] values = compute.get();
        write(file, fingerprint, values);
        LOG.info("reference log-probs of {} demonstrations written to {}", values.length, file);
        return values;
    }

    private double[][] read(Path file, String fingerprint, List<Demonstration> data) {
        try (SafetensorsReader reader = SafetensorsReader.open(file)) {
            double[] flat = reader.readDoubles(TENSOR);
            long wanted = data.stream().mapToLong(d -> d.length() - 1).sum();
            if (!fingerprint.equals(reader.metadata().get(FINGERPRINT)) || flat.length != wanted) {
                throw new ModelFormatException(file + " holds log-probs of another model or other data; delete it");
            }
            double[][] out = new double[data.size()][];
            int at = 0;
            for (int i = 0; i < out.length; i++) {
                out[i] = Arrays.copyOfRange(flat, at, at + data.get(i).length() - 1);
                at += out[i].length;
            }
            return out;
        }
    }

    private void write(Path file, String fingerprint, double[][] values) {
        FileCall.run(
                "cannot create the directory of reference log-probs " + directory,
                () -> Files.createDirectories(directory));
        double[] flat = Arrays.stream(values).flatMapToDouble(Arrays::stream).toArray();
        INDArray tensor = Nd4j.createFromArray(flat);
        SafetensorsWriter.write(file, Map.of(TENSOR, tensor), DType.F64, Map.of(FINGERPRINT, fingerprint));
    }

    private static String fingerprint(ReferenceModel reference, List<Demonstration> data) {
        Sha256 sha = new Sha256().add(reference.fingerprint());
        data.forEach(d -> sha.add(d.bytes()));
        return sha.hex();
    }
}
