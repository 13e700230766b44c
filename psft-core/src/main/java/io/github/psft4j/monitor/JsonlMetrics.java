package io.github.psft4j.monitor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes one JSON object per optimizer step to a file, flushed after each line so that a run can be watched. A number
 * that is not finite is written as null, which JSON can hold.
 */
public final class JsonlMetrics implements TrainerListener {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private BufferedWriter out;

    /**
     * @param file created, or overwritten, when the run starts; its directory is created
     */
    public JsonlMetrics(Path file) {
        this.file = file;
    }

    @Override
    public void onStart(TrainingPlan plan) {
        try {
            if (file.toAbsolutePath().getParent() != null) {
                Files.createDirectories(file.toAbsolutePath().getParent());
            }
            out = Files.newBufferedWriter(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write metrics to " + file, e);
        }
    }

    @Override
    public void onStep(StepMetrics m) {
        ObjectNode line = JSON.createObjectNode();
        line.put("step", m.step());
        line.put("macro_step", m.macroStep());
        line.put("epoch", m.epoch());
        line.put("objective", m.objective());
        put(line, "loss", m.loss());
        put(line, "nll", m.nll());
        put(line, "entropy", m.entropy());
        put(line, "mean_ratio", m.meanRatio());
        put(line, "clip_fraction", m.clipFraction());
        put(line, "approx_kl", m.approxKl());
        put(line, "mean_coefficient", m.meanCoefficient());
        put(line, "grad_norm", m.gradNorm());
        put(line, "lr", m.lr());
        line.put("tokens", m.tokens());
        put(line, "tokens_per_second", m.tokensPerSecond());
        line.put("skipped", m.skipped());
        try {
            out.write(line.toString());
            out.newLine();
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write metrics to " + file + " at step " + m.step(), e);
        }
    }

    private static void put(ObjectNode line, String name, double value) {
        if (Double.isFinite(value)) {
            line.put(name, value);
        } else {
            line.putNull(name);
        }
    }

    @Override
    public void close() {
        try {
            if (out != null) {
                out.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot finish the metrics file " + file, e);
        }
    }
}
