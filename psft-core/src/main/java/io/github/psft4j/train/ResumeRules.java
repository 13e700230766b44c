package io.github.psft4j.train;

import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.model.ModelFingerprint;
import io.github.psft4j.model.ValueHeads;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.optimizer.Moments;
import io.github.psft4j.train.optimizer.Optimizer;
import io.github.psft4j.train.optimizer.Schedule;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.settings.TrainerSettings;
import io.github.psft4j.train.settings.Training;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a run is resumed with other settings than the checkpoint was written with.
 *
 * <ul>
 *   <li>Some settings may change between steps: learning rate and its schedule, weight decay, clipping, length of the
 *       run, micro-batch and its layout. The new value wins, and the log says so.
 *   <li>Everything else decides what the counters of the checkpoint mean: a difference is an error.
 * </ul>
 */
final class ResumeRules {

    private static final Logger LOG = LoggerFactory.getLogger(ResumeRules.class);

    /** Settings whose new value wins. */
    private static final Set<String> MAY_CHANGE = Set.of("""
            learningRate schedule warmupSteps weightDecay decayScope maxGradNorm microBatch packing
            lengthGrouping epochs maxSteps maxSkippedInARow recompute
            """.split("\\s+"));

    /** What settings that are younger than a checkpoint were in it. */
    private static final Map<String, String> BEFORE = Map.of("moments", Moments.FULL.name());

    private static final String ADAPTER = "lora";

    private static final String CRITIC = "critic";

    /** SHA-256 of the frozen weights of a run with an adapter. */
    private static final String BASE = "base model";

    /** From the names in checkpoints, which are Java's, to those that users of the command know. */
    private static final Map<String, String> KEYS = new LinkedHashMap<>();

    /** Sections of configurations, by the record that declares them. */
    private static final Map<Class<?>, String> SECTIONS = Map.of(
            Batch.class, "batch.",
            Training.class, "train.",
            Optimizer.class, "optimizer.",
            Schedule.class, "schedule.");

    static {
        nameKeys(TrainerSettings.class, "");
    }

    private ResumeRules() {}

    private static void nameKeys(Class<?> group, String section) {
        for (RecordComponent component : group.getRecordComponents()) {
            Class<?> type = component.getType();
            if (type.isRecord() && isGroup(type)) {
                nameKeys(type, SECTIONS.getOrDefault(type, section));
            } else {
                KEYS.put(component.getName(), section + Setting.key(component));
            }
        }
    }

    /** All settings by name, as text, with those of an adapter and the fingerprint of the weights that it leaves. */
    static Map<String, String> describe(TrainerSettings settings, CheckpointFiles.Models models) {
        Map<String, String> out = new LinkedHashMap<>();
        describe(settings, out);
        LoraModels.settings(models.policy()).ifPresent(lora -> {
            out.put(ADAPTER, lora.toString());
            out.put(BASE, ModelFingerprint.ofBase(models.policy()));
        });
        if (models.critic() != null || ValueHeads.has(models.policy())) {
            out.put(
                    CRITIC,
                    models.critic() == null
                            ? "on the policy's trunk"
                            : models.critic().config().toString());
        }
        return out;
    }

    private static void describe(Record group, Map<String, String> out) {
        for (RecordComponent component : group.getClass().getRecordComponents()) {
            try {
                Object value = component.getAccessor().invoke(group);
                if (value instanceof Record inner && isGroup(inner.getClass())) {
                    describe(inner, out);
                } else {
                    out.put(component.getName(), text(value));
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("the settings are public records", e);
            }
        }
    }

    /** The records of training group settings; others, such as schedules of the policy, are values. */
    private static boolean isGroup(Class<?> type) {
        return type.getPackageName().startsWith(ResumeRules.class.getPackageName());
    }

    /** A value as text that is the same in every process; objectives need not have a toString, but they have JSON. */
    private static String text(Object value) {
        if (!(value instanceof TokenObjective objective)) {
            return String.valueOf(value);
        }
        try {
            return NeuralNetConfiguration.mapper().writeValueAsString(objective);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "objective " + objective.name() + " cannot be written as JSON, by which a resumed run is compared: "
                            + e.getMessage(),
                    e);
        }
    }

    /**
     * Compares what a checkpoint was written with and what the run has now. Settings that may change are logged.
     *
     * @throws CheckpointException naming the data, the reference model, or all settings that may not differ with both
     *     values
     */
    static void check(Path checkpoint, CheckpointFiles.State written, CheckpointFiles.State now) {
        List<String> wrong = new ArrayList<>();
        now.settings().forEach((name, value) -> {
            String before = written.settings().getOrDefault(name, BEFORE.get(name));
            if (before == null && MAY_CHANGE.contains(name)) {
                return; // newer than the checkpoint
            }
            String change = KEYS.getOrDefault(name, name) + ": " + before + " -> " + value;
            if (!value.equals(before) && MAY_CHANGE.contains(name)) {
                LOG.warn("resumed with another setting than before: {}", change);
            } else if (!value.equals(before)) {
                wrong.add(change);
            }
        });
        if (written.settings().containsKey(ADAPTER) && !now.settings().containsKey(ADAPTER)) {
            wrong.add(ADAPTER + ": " + written.settings().get(ADAPTER) + " -> no adapter");
        }
        if (written.settings().containsKey(CRITIC) && !now.settings().containsKey(CRITIC)) {
            wrong.add(CRITIC + ": " + written.settings().get(CRITIC) + " -> none");
        }
        if (!wrong.isEmpty()) {
            throw new CheckpointException(checkpoint + " was written with other settings: " + String.join("; ", wrong)
                    + ". Resume with the old values, or start a new run from the model in that directory");
        }
        if (!written.data().equals(now.data())) {
            throw new CheckpointException(checkpoint
                    + " was written by a run on other data (tokens, loss masks or their order differ;"
                    + " of samples also settings of rollout and reward);"
                    + " resume with the data of that run, or start a new run from the model in it. A chat"
                    + " template that prints the date (strftime_now) makes other tokens every day, unless a"
                    + " cache keeps them (data.cache_dir)");
        }
        if (!Objects.equals(written.reference(), now.reference())) {
            throw new CheckpointException(checkpoint + " was written by a run with another reference model: "
                    + reference(written.reference()) + ", now " + reference(now.reference())
                    + " (SHA-256 of architecture and weights). Give reference(...) the model of that run, or start a"
                    + " new run from the model in that directory");
        }
    }

    private static String reference(String fingerprint) {
        return fingerprint == null ? "none" : fingerprint.substring(0, 16) + "...";
    }
}
