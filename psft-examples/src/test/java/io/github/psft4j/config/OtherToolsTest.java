package io.github.psft4j.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Users of other tools are led to our setting, or told that there is none. */
class OtherToolsTest {

    private static final Set<String> KEYS = Sections.keys().keySet();

    /** The settings of LLaMA-Factory's and TRL's own examples of full fine-tuning. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "model_name_or_path",
                "trust_remote_code",
                "stage",
                "do_train",
                "finetuning_type",
                "deepspeed",
                "dataset",
                "template",
                "cutoff_len",
                "max_samples",
                "output_dir",
                "logging_steps",
                "save_steps",
                "overwrite_output_dir",
                "report_to",
                "per_device_train_batch_size",
                "gradient_accumulation_steps",
                "learning_rate",
                "num_train_epochs",
                "lr_scheduler_type",
                "warmup_ratio",
                "bf16",
                "resume_from_checkpoint",
                "val_size",
                "per_device_eval_batch_size",
                "eval_strategy",
                "eval_steps",
                "lora_rank",
                "lora_target",
                "lora_alpha",
                "max_length",
                "max_seq_length",
                "gradient_checkpointing",
                "push_to_hub",
                "assistant_only_loss",
                "load_in_4bit",
                "save_total_limit",
                "neftune_noise_alpha",
                "fp16",
                "preprocessing_num_workers",
                "dataloader_num_workers",
                "plot_loss",
                "save_only_model",
                "ddp_timeout",
                "padding_free",
                "use_liger_kernel",
                "eos_token",
                "remove_unused_columns",
                "optim"
            })
    void everySettingOfTheirExamplesHasAnAnswer(String theirs) {
        assertTrue(OtherTools.hint(theirs, KEYS).isPresent(), theirs);
        assertEquals(OtherTools.hint(theirs, KEYS), OtherTools.hint("train." + theirs, KEYS));
    }

    @Test
    void ownNamesAreNoNamesOfOthers() {
        for (String key : KEYS) {
            OtherTools.hint(key, KEYS).ifPresent(hint -> assertTrue(hint.contains(key), key + ": " + hint));
        }
    }
}
