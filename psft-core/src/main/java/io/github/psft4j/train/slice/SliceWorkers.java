package io.github.psft4j.train.slice;

import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.TokenTrace;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.Sampling;
import io.github.psft4j.policy.SliceReports;
import io.github.psft4j.policy.SliceScores;
import io.github.psft4j.train.checkpoint.DirectoryStorage;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Computes the passes of a run elsewhere, such as on the executors of a cluster. The trainer keeps weights, optimizer
 * and columns, and adds what comes back.
 *
 * <p>A result must have the bits that {@link SliceGradient}, {@code LocalScores} and {@code LocalReports} give in the
 * trainer's process, so the workers need the same kernels on the same number of threads.
 */
public interface SliceWorkers extends SliceScores, SliceReports, Sampling, AutoCloseable {

    /** Takes what the slices give, in their order. */
    @FunctionalInterface
    interface Sink {

        /**
         * Takes the result of one slice.
         *
         * @param trace null unless the work asks for it
         * @param gradient {@code [P]}, of the trained parameters; the callee may keep it until the next slice
         */
        void accept(MicroBatch slice, LossReport report, TokenTrace trace, INDArray gradient);
    }

    /**
     * Computes the gradient of every slice.
     *
     * @throws io.github.psft4j.loss.NonFiniteLossException if a loss or a part of the gradient is not finite: of
     *     several, that of the first slice
     */
    void gradients(CausalLm model, GradientWork work, List<MicroBatch> slices, Sink sink);

    /**
     * Reads and tokenises data that the workers reach, in the order of the files and with the bits that
     * {@code DemonstrationFiles.read} gives for copies of them.
     *
     * @param files URIs of files or directories
     * @param options of the reader, whose paths do not count
     * @param tokenizer the model's; may be null for pre-tokenised rows
     * @param template the model's chat template, null if it has none
     * @return the demonstrations, to be closed
     * @throws io.github.psft4j.data.rows.DataFormatException as {@code DemonstrationFiles.read} does
     */
    DemonstrationSet read(List<String> files, DataOptions options, Tokenizer tokenizer, ChatTemplate template);

    /**
     * A directory of a file system that the cluster reaches, for checkpoints.
     *
     * @param uri such as {@code hdfs://HOST/runs/1}
     */
    DirectoryStorage directory(String uri);

    /** What the last gradients cost, by the names in logs, such as seconds of waiting. */
    Map<String, Double> measures();

    @Override
    void close();
}
