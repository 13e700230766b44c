package io.github.psft4j.monitor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.monitor.files.LineFile;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.rollout.sample.RolloutListener;
import io.github.psft4j.rollout.sample.RolloutRecord;
import io.github.psft4j.train.TrainingPlan;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Writes every sample as a line of JSON: prompt, completion, why it ended, each reward, their sum and the advantage.
 * Give it to the source as a listener of rollouts and to the trainer as a listener of the run.
 */
public final class RolloutLog extends LineListener implements RolloutListener {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    /** @param file created, or overwritten, when the run starts, and continued when it is resumed */
    public RolloutLog(Path file) {
        this.file = file;
    }

    @Override
    public void onStart(TrainingPlan plan) {
        out = LineFile.of("samples", file, LineFile::stepOfJson, plan.resumedStep());
    }

    @Override
    public void onRollout(RolloutRecord rollout) {
        for (RolloutRecord.Sample sample : rollout.samples()) {
            ObjectNode line = JSON.createObjectNode();
            line.put("step", rollout.step());
            line.put("macro_step", rollout.macroStep());
            line.put("epoch", rollout.epoch());
            line.put("prompt_number", sample.prompt());
            line.set("prompt", sample.promptValue());
            line.put("completion", sample.completion());
            line.put("tokens", sample.tokens());
            line.put("finish", sample.finish().name().toLowerCase(Locale.ROOT));
            ObjectNode rewards = line.putObject("rewards");
            sample.rewards().forEach((name, value) -> put(rewards, name, value));
            put(line, "reward", sample.reward());
            if (Double.isNaN(sample.advantage())) {
                line.putNull("advantage");
            } else {
                line.put("advantage", sample.advantage());
            }
            notes(line, sample);
            out.write(line.toString());
        }
    }

    /** What functions say of values that are none, or of their judgement. */
    private static void notes(ObjectNode line, RolloutRecord.Sample sample) {
        ObjectNode notes = JSON.createObjectNode();
        sample.rewards().forEach((name, value) -> {
            if (!value.note().isEmpty()) {
                notes.put(name, value.note());
            }
        });
        if (!notes.isEmpty()) {
            line.set("notes", notes);
        }
    }

    private static void put(ObjectNode node, String name, RewardValue value) {
        if (value.isNumber()) {
            node.put(name, value.value());
        } else {
            node.putNull(name);
        }
    }
}
