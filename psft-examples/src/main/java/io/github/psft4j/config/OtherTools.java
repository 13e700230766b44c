package io.github.psft4j.config;

import java.util.Map;
import java.util.Optional;

/** Names of settings in transformers, TRL and LLaMA-Factory, for users who type them here. */
final class OtherTools {

    /** From the last part of a setting's name in other tools to its name here. */
    private static final Map<String, String> OURS = Map.ofEntries(
            Map.entry("learning_rate", "optimizer.lr"),
            Map.entry("num_train_epochs", "train.epochs"),
            Map.entry("per_device_train_batch_size", "batch.micro"),
            Map.entry("gradient_accumulation_steps", "batch.mini"),
            Map.entry("batch_size", "batch.mini"),
            Map.entry("model_name_or_path", "model.path"),
            Map.entry("train_file", "data.train"),
            Map.entry("train_dataset", "data.train"),
            Map.entry("eval_dataset", "eval.data"),
            Map.entry("max_seq_length", "data.max_length"),
            Map.entry("cutoff_len", "data.max_length"),
            Map.entry("lr_scheduler_type", "schedule.shape"),
            Map.entry("save_steps", "checkpoint.every"),
            Map.entry("save_total_limit", "checkpoint.keep"),
            Map.entry("eval_steps", "eval.every"),
            Map.entry("output_dir", "run.dir"),
            Map.entry("overwrite_output_dir", "run.overwrite"),
            Map.entry("neftune_noise_alpha", "train.neftune"));

    private OtherTools() {}

    /** The name here of a setting of another tool, in whatever section it was typed; empty if no tool has it. */
    static Optional<String> ourName(String theirs) {
        return Optional.ofNullable(OURS.get(theirs.substring(theirs.lastIndexOf('.') + 1)));
    }
}
