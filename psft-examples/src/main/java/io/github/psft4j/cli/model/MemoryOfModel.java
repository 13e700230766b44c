package io.github.psft4j.cli.model;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.train.memory.GenerationMemory;
import io.github.psft4j.train.memory.MemoryPlan;
import io.github.psft4j.train.memory.ModelNumbers;
import io.github.psft4j.train.memory.RunNumbers;
import io.github.psft4j.train.optimizer.Optimizer;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.settings.Training;
import io.github.psft4j.train.settings.Training.Recompute;
import io.github.psft4j.transformer.BlockForward.Room;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a model takes of memory in some usual uses, for {@code psft inspect}. */
final class MemoryOfModel {

    private static final int TOKENS = 1024;
    private static final int RANK = 16;

    private MemoryOfModel() {}

    /**
     * Bytes by use, of one sequence of 1,024 tokens or as many as the model takes.
     *
     * @param adapter parameters of the adapter that is trained, 0 for a whole model
     */
    static Map<String, Long> of(DecoderConfig config, long adapter) {
        int tokens = Math.min(TOKENS, config.longestSequence());
        ModelNumbers numbers = ModelNumbers.of(config, Float.BYTES, Precision.F32);
        Map<String, Long> out = new LinkedHashMap<>();
        if (adapter > 0) {
            out.put("train adapter", training(numbers.withAdapter(adapter, Room.of(RANK)), Recompute.NONE, tokens));
        } else {
            out.put("train", training(numbers, Recompute.NONE, tokens));
            out.put("train, recompute", training(numbers, Recompute.BLOCKS, tokens));
            out.put("train LoRA r " + RANK, training(numbers.withAdapterOfRank(RANK), Recompute.NONE, tokens));
        }
        out.put(
                "generate",
                GenerationMemory.of(numbers, 1, tokens / 2, tokens).stream()
                        .mapToLong(MemoryPlan.Part::bytes)
                        .sum());
        return out;
    }

    private static long training(ModelNumbers numbers, Recompute recompute, int tokens) {
        RunNumbers run = new RunNumbers(
                Setting.create(Batch.class, Map.of("macroBatch", 1, "miniBatch", 1)),
                Setting.create(Training.class, Map.of("recompute", recompute)),
                Setting.create(Optimizer.class, Map.of()),
                tokens + 1,
                false,
                0,
                1);
        return MemoryPlan.of(numbers, run).total();
    }
}
