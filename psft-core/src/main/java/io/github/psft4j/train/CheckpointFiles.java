package io.github.psft4j.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.hf.safetensors.SafetensorsWriter;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.io.JsonFault;
import io.github.psft4j.loss.Column;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.ValueHeads;
import io.github.psft4j.train.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a checkpoint holds: the model as a Hugging Face directory, and three files. {@code optimizer.safetensors} has
 * both moments under the names of the tensors, {@code trainer_state.json} the counters. {@code columns.safetensors} has
 * the label columns of the current macro-batch, a tensor {@code COLUMN.NUMBER} per sequence. {@code source.json} has
 * what a source that samples needs to go on; others write none. {@code critic.safetensors} has the value head of a
 * policy, or the whole critic with a trunk of its own, whose moments are in {@code critic_optimizer.safetensors}.
 * psft4j 0.1 wrote {@code snapshot.safetensors} instead, which held the log-probs of pi_old alone, under the number of
 * the sequence.
 */
final class CheckpointFiles {

    static final String OPTIMIZER = "optimizer.safetensors";
    static final String STATE = "trainer_state.json";
    static final String COLUMNS = "columns.safetensors";
    static final String SOURCE = "source.json";
    static final String CRITIC_OPTIMIZER = "critic_optimizer.safetensors";

    private static final String SNAPSHOT = "snapshot.safetensors"; // of format 2
    private static final String FILLED = "columns"; // metadata: the columns, also those without a value

    private static final String FIRST = "exp_avg.";
    private static final String SECOND = "exp_avg_sq.";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    /**
     * Content of {@link #STATE}.
     *
     * @param run counters
     * @param settings all settings, see {@link ResumeRules}
     * @param data fingerprint of the source
     * @param reference see {@link io.github.psft4j.model.ModelFingerprint}, null without a reference model
     */
    record State(RunState run, Map<String, String> settings, String data, String reference) {}

    /**
     * Flat vectors {@code [P]}: weights, first and second moment.
     *
     * @param critic those of a critic with a trunk of its own; null without one
     */
    record Vectors(INDArray weights, INDArray first, INDArray second, Vectors critic) {

        /** Uninitialised vectors of the same size. */
        Vectors like() {
            return new Vectors(like(weights), like(first), like(second), critic == null ? null : critic.like());
        }

        /** Copies all of them to others of the same size and types. */
        void copyTo(Vectors to, io.github.psft4j.kernel.Vectors with) {
            if (critic != null) {
                critic.copyTo(to.critic, with);
            }
            with.copy(weights, to.weights);
            if (first.dataType() == weights.dataType()) {
                with.copy(first, to.first);
                with.copy(second, to.second);
            } else {
                to.first.assign(first);
                to.second.assign(second);
            }
        }

        private static INDArray like(INDArray a) {
            return Nd4j.createUninitialized(a.dataType(), a.length());
        }
    }

    private CheckpointFiles() {}

    /**
     * The models of a run.
     *
     * @param critic with a trunk of its own; null without one
     */
    record Models(CausalLm policy, CausalLm critic) {}

    /**
     * Writes all files but the manifest.
     *
     * @param vectors which need not be those of the models now
     * @param columns values by column and number of the sequence
     * @param source what the source keeps, null for nothing
     */
    static void write(
            Path dir,
            Models models,
            Vectors vectors,
            State state,
            Map<Column, Map<Integer, double[]>> columns,
            String source) {
        Map<String, INDArray> weights = models.policy().tensors(vectors.weights());
        models.policy().save(dir, weights);
        writeMoments(dir.resolve(OPTIMIZER), models.policy(), vectors);
        if (models.critic() != null) {
            ValueHeads.write(dir, models.critic().tensors(vectors.critic().weights()));
            writeMoments(dir.resolve(CRITIC_OPTIMIZER), models.critic(), vectors.critic());
        } else if (ValueHeads.has(models.policy())) {
            weights.keySet().retainAll(ValueHeads.NAMES);
            ValueHeads.write(dir, weights);
        }
        Map<String, INDArray> values = new LinkedHashMap<>();
        columns.forEach((column, byNumber) ->
                byNumber.forEach((number, row) -> values.put(column + "." + number, Nd4j.createFromArray(row))));
        String filled = columns.keySet().stream().map(Column::name).collect(Collectors.joining(" "));
        SafetensorsWriter.write(dir.resolve(COLUMNS), values, DType.F64, Map.of(FILLED, filled));
        if (source != null) {
            AtomicFile.write(dir.resolve(SOURCE), source.getBytes(StandardCharsets.UTF_8));
        }
        try {
            String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(state) + "\n";
            AtomicFile.write(dir.resolve(STATE), text.getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the state is plain values", e);
        }
    }

    private static void writeMoments(Path file, CausalLm model, Vectors vectors) {
        Map<String, INDArray> optimizer = new LinkedHashMap<>();
        model.tensors(vectors.first()).forEach((name, view) -> optimizer.put(FIRST + name, view));
        model.tensors(vectors.second()).forEach((name, view) -> optimizer.put(SECOND + name, view));
        boolean half = vectors.first().dataType() == DataType.BFLOAT16;
        SafetensorsWriter.write(file, optimizer, half ? DType.BF16 : type(vectors.weights()), Map.of());
    }

    private static DType type(INDArray weights) {
        return weights.dataType() == DataType.DOUBLE ? DType.F64 : DType.F32;
    }

    /** What the source kept, null for nothing. */
    static String readSource(Path dir) {
        Path file = dir.resolve(SOURCE);
        return FileCall.get("cannot read " + file, () -> Files.exists(file) ? Files.readString(file) : null);
    }

    static State readState(Path dir) {
        Path file = dir.resolve(STATE);
        try {
            return JSON.readValue(Files.readAllBytes(file), State.class);
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file + " is damaged: " + JsonFault.reason(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static void readMoments(Path file, CausalLm model, Vectors vectors) {
        try (SafetensorsReader reader = SafetensorsReader.open(file)) {
            model.tensors(vectors.first()).forEach((name, view) -> reader.readInto(FIRST + name, view));
            model.tensors(vectors.second()).forEach((name, view) -> reader.readInto(SECOND + name, view));
        }
    }

    /** Reads weights and moments in place, and returns the columns of the current macro-batch. */
    static Map<Column, Map<Integer, double[]>> readArrays(Path dir, Models models, Vectors vectors) {
        models.policy().restore(dir);
        readMoments(dir.resolve(OPTIMIZER), models.policy(), vectors);
        if (models.critic() != null) {
            ValueHeads.restore(models.critic(), dir);
            readMoments(dir.resolve(CRITIC_OPTIMIZER), models.critic(), vectors.critic());
        } else if (ValueHeads.has(models.policy())) {
            ValueHeads.restore(models.policy(), dir);
        }
        return readColumns(dir);
    }

    private static Map<Column, Map<Integer, double[]>> readColumns(Path dir) {
        boolean old = Files.exists(dir.resolve(SNAPSHOT));
        Path file = dir.resolve(old ? SNAPSHOT : COLUMNS);
        Map<Column, Map<Integer, double[]>> columns = new EnumMap<>(Column.class);
        try (SafetensorsReader reader = SafetensorsReader.open(file)) {
            String filled = old ? Column.OLD_LOG_PROB.name() : reader.metadata().getOrDefault(FILLED, "");
            for (String column : filled.isEmpty() ? new String[0] : filled.split(" ")) {
                columns.put(Column.valueOf(column), new TreeMap<>());
            }
            for (String name : reader.names()) {
                int dot = name.indexOf('.');
                Column column = old ? Column.OLD_LOG_PROB : Column.valueOf(name.substring(0, Math.max(0, dot)));
                columns.computeIfAbsent(column, c -> new TreeMap<>())
                        .put(Integer.valueOf(name.substring(dot + 1)), reader.readDoubles(name));
            }
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(
                    file + " has a tensor that is not named after a column and a sequence: " + e.getMessage(), e);
        }
        return columns;
    }
}
