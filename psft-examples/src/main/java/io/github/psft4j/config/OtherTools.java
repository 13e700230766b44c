package io.github.psft4j.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Names of settings in transformers, TRL, LLaMA-Factory, Axolotl and verl, for users who type them here. Each is
 * followed by our names, of which the first that exists counts, or by a sentence.
 */
final class OtherTools {

    private static final String TABLE = """
            model.name model.id model.model model.dir model.name_or_path -> model.path
            model model_name model_id model_path model_name_or_path -> model.path
            reference.model reference.name reference.model_path -> reference.path
            base_model pretrained_model_name_or_path -> model.path
            torch_dtype bf16 pure_bf16 mixed_precision -> model.precision
            fp16 -> : there is no fp16; model.precision is f32 or bf16
            save_dtype -> model.save_dtype
            trust_remote_code -> : no code of a model is ever run; leave it out
            attn_implementation flash_attn use_flash_attention_2 -> : attention is chosen by the kernels; leave it out
            data.path data.name data.file data.files data.dataset -> data.train
            dataset datasets dataset_name dataset_path dataset_dir data_path -> data.train
            data_files train_file train_files train_data train_dataset -> data.train
            data.val data.eval data.test data.validation -> eval.data
            eval_dataset eval_file validation_file val_files test_file -> eval.data
            eval.path eval.file eval.files eval.dataset test_datasets -> eval.data
            val_size val_set_size test_size -> data.validation_split eval.data
            interleave_probs mix_probs -> data.mix
            template chat_template chat_template_path -> data.chat_template : the model's own chat template is used
            dataset_text_field columns field_messages -> data.columns
            max_seq_length max_seq_len max_length cutoff_len -> data.max_length
            sequence_len model_max_length -> data.max_length
            max_samples max_train_samples -> data.max_rows
            tokenized_path dataset_prepared_path -> data.cache_dir
            disable_shuffling shuffle_dataset -> data.shuffle
            truncation_mode -> data.truncation
            completion_only_loss assistant_only_loss train_on_prompt -> data.loss_on
            train_on_input train_on_inputs -> data.loss_on
            loss_type loss use_dft_loss -> objective.name
            per_device_train_batch_size micro_batch_size -> batch.micro
            gradient_accumulation_steps -> : batch.micro times it is one optimizer step: give batch.mini
            batch_size ppo_mini_batch_size -> batch.mini
            train_batch_size -> batch.macro
            neat_packing sample_packing -> batch.packing
            group_by_length -> batch.length_grouping
            num_train_epochs num_epochs total_epochs -> train.epochs
            total_training_steps max_train_steps -> train.max_steps
            neftune_noise_alpha -> train.neftune
            learning_rate -> optimizer.lr
            adam_beta1 adam_beta2 -> optimizer.betas
            adam_epsilon -> optimizer.eps
            clip_grad_norm gradient_clipping grad_clip -> optimizer.max_grad_norm
            optim optimizer_type -> : AdamW is the only optimizer; leave it out
            gradient_checkpointing activation_checkpointing enable_activation_checkpointing -> train.recompute
            lr_scheduler_type lr_scheduler -> schedule.shape
            warmup_ratio -> : schedule.warmup_steps counts optimizer steps: give the ratio times all steps
            num_warmup_steps -> schedule.warmup_steps
            eval.batch_size per_device_eval_batch_size eval_batch_size -> eval.batch
            eval_steps eval_strategy evaluation_strategy test_freq -> eval.every
            save_steps save_strategy save_freq -> checkpoint.every
            save_total_limit -> checkpoint.keep
            load_best_model_at_end metric_for_best_model -> checkpoint.best_by
            resume_from_checkpoint -> : it is an option of the command: --resume auto, or --resume DIR
            output_dir run.name run.output run.path -> run.dir
            overwrite_output_dir -> run.overwrite
            report_to loggers -> monitor.listeners
            logging_steps -> : every step is in metrics.jsonl; leave it out
            stage -> objective.name
            do_train do_eval do_predict -> : the command says what is done; leave it out
            plot_loss -> : report.html of the run directory has the curves; leave it out
            save_only_model save_safetensors -> : a checkpoint is a model with its optimizer; leave it out
            preprocessing_num_workers dataloader_num_workers dataset_num_proc -> run.threads
            padding_free -> batch.packing
            eos_token -> data.eos_token_id
            ddp_timeout local_rank ddp_find_unused_parameters -> : a run is one process on one machine; leave it out
            tf32 use_cache remove_unused_columns dataloader_pin_memory -> : it changes nothing here; leave it out
            push_to_hub -> : nothing is uploaded; the model is in final/ of the run directory
            num_generations generations_per_prompt rollout.n group.size -> rollout.group_size
            max_completion_length max_response_length response_length -> rollout.max_new_tokens
            max_prompt_length -> : give data.max_length, prompt and sample together, and rollout.max_new_tokens
            num_iterations num_ppo_epochs ppo_epochs ppo.epochs -> rollout_training.iterations
            mask_truncated_completions -> rollout_training.truncated : masked counts truncated samples as TRL does
            missing_eos_penalty -> rollout_training.missing_eos_penalty
            grpo.epsilon clip_ratio_low cliprange clip_ratio -> objective.eps_low : give objective.eps_low
            epsilon_high clip_ratio_high -> objective.eps_high : give objective.eps_high; for cispo TRL's is 1 + ours
            delta clip_ratio_c -> objective.dual_clip : give objective.dual_clip, which ppo-clip has
            kl_coef init_kl_coef -> reward_kl.beta : a KL in the loss is objective.beta
            use_bias_correction_kl -> objective.kl : give objective.kl, k3_ratio for true
            kl_estimator kl_penalty -> reward_kl.kl : of a KL in the loss objective.kl
            scale_rewards advantage.normalize norm_adv_by_std_in_grpo -> advantage.scale
            normalize_advantages whiten_rewards -> advantage.whitening
            adv_estimator -> advantage.credit : gae needs a critic: critic.trunk
            lam gae_lambda advantage.lam -> advantage.lambda
            vf_coef critic.vf critic.vf_coef -> critic.weight
            cliprange_value critic.cliprange_value critic.vclip -> critic.clip
            value_model critic.model reward_model_path -> critic.path
            reward_funcs reward_functions reward_function reward_fn -> reward.functions
            reward_weights -> : the weights stand in reward.functions, such as {exact: 1, format: 0.2}
            top_k rollout.topk sampling.top_k -> rollout.top_k
            top_p -> rollout.top_p
            min_p -> rollout.min_p
            stop_strings stop stop_sequences -> rollout.stop_strings
            steps_per_generation generation_batch_size -> batch.macro
            use_vllm vllm_mode -> : the model samples by its own kernels; leave it out
            use_liger_kernel enable_liger_kernel -> : kernels are chosen by processor and type; leave it out
            vllm_importance_sampling_correction -> : sampler and trainer are the same kernels; leave it out
            sync_ref_model ref_model_sync_steps -> : the reference is the model as it was at the start; leave it out
            log_completions num_completions_to_print -> : samples.jsonl has every sample; leave it out
            lora use_peft adapter finetuning_type lora_r lora_rank lora.rank peft.r -> lora.r
            lora_alpha lora.lora_alpha peft.lora_alpha -> lora.alpha
            lora_target lora_target_modules lora_target_linear lora_attn_modules target_modules -> lora.target_modules
            lora_modules_to_save additional_target modules_to_save -> lora.modules_to_save
            exclude_modules lora_exclude_modules -> lora.exclude_modules
            layers_to_transform peft_layers_to_transform lora.layers_to_transform -> lora.layers
            use_rslora lora.use_rslora peft_use_rslora -> lora.rslora
            rank_pattern lora_rank_pattern -> lora.rank_pattern
            alpha_pattern lora_alpha_pattern -> lora.alpha_pattern
            lora_dropout lora.lora_dropout peft.lora_dropout -> lora.dropout
            bias peft.bias -> lora.bias
            lora_bias peft.lora_bias -> lora.lora_bias
            use_dora lora.use_dora pissa_init -> : LoRA is the one kind of adapter; leave it out
            lora_model_dir adapter_name_or_path adapter_path peft_model_id -> model.path
            base_model_name_or_path model.base_path -> model.base
            load_in_4bit load_in_8bit quantization_bit -> : weights are trained as they are, not quantised
            deepspeed fsdp -> : a run is one process on one machine; leave it out
            """;

    /**
     * What to give instead.
     *
     * @param keys our names for it
     * @param sentence what to say if there is none of them, may be empty
     */
    private record Ours(List<String> keys, String sentence) {}

    private static final Map<String, Ours> OURS = new HashMap<>();

    static {
        TABLE.lines().forEach(line -> {
            String[] sides = line.split(" -> ");
            String[] ours = (sides[1] + " ").split(":", 2);
            Ours instead = new Ours(
                    Stream.of(ours[0].split(" ")).filter(key -> !key.isEmpty()).toList(),
                    ours.length > 1 ? ours[1].strip() : "");
            Stream.of(sides[0].split(" ")).forEach(theirs -> OURS.put(theirs, instead));
        });
    }

    private OtherTools() {}

    /**
     * What to give instead, as the end of a message; empty if no tool has the name.
     *
     * @param theirs in whatever section it was typed
     * @param keys the settings that there are
     */
    static Optional<String> hint(String theirs, Set<String> keys) {
        String leaf = theirs.substring(theirs.lastIndexOf('.') + 1);
        boolean lora = leaf.startsWith("lora_");
        Ours ours = OURS.getOrDefault(theirs, OURS.getOrDefault(leaf, OURS.get(lora ? "lora" : leaf)));
        if (ours == null) {
            return Optional.empty();
        }
        return ours.keys().stream()
                .filter(keys::contains)
                .findFirst()
                .map(key -> "did you mean " + key + "?")
                .or(() -> Optional.of(ours.sentence()).filter(sentence -> !sentence.isEmpty()));
    }
}
